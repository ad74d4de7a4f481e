// A creation in a human's name, step by step: with that human's token alone, and with nothing that only looks like one.
import { humanTokenHeader } from '#shared/contract.ts'
import { randomPassword } from '#shared/text/random-text.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import type { Human } from '../human-pool.ts'
import type { Pair } from '../pair.ts'
import { differenceOf, post, request, type Answer, type DemoStep } from './gated-routes.ts'

/** What a creation needs where humans have to be verified. */
export type HumanHeaders = Readonly<Record<string, string>>

export function humanHeaders(token: SecretValue): HumanHeaders {
  return { [humanTokenHeader]: token.expose() }
}

/** The human of these steps is whom every creation of the demo names. */
export function humanSteps(pair: Pair, human: Human): DemoStep[] {
  const create = async (changes: object, headers: HumanHeaders, expected: Answer): Promise<string | undefined> => {
    const body = JSON.stringify({ username: 'demo-human', password: randomPassword().expose(), ...changes })
    return differenceOf(expected, await post(new URL(`${pair.app1Url}/create-service-user`), body, headers))
  }
  const named = { human_user_id: human.username }
  const own = async (): Promise<HumanHeaders> => humanHeaders((await human.signIn()).accessToken)
  return [
    {
      text: 'without a token of the human a creation is refused (401)',
      run: () => create(named, {}, { status: 401, code: 'human_token_missing' }),
    },
    {
      text: 'with the ID token of the human’s front end it is refused (401)',
      run: async () => {
        const { idToken } = await human.signIn()
        return create(named, humanHeaders(idToken), { status: 401, code: 'human_token_invalid' })
      },
    },
    {
      text: 'with the token, and another’s name in the body, it is refused (403)',
      run: async () =>
        create({ human_user_id: 'mallory@example.com' }, await own(), { status: 403, code: 'human_mismatch' }),
    },
    {
      text: 'with the token alone the user is made (201), and keeps whose token it was: verified',
      run: async () => {
        const difference = await create({}, await own(), { status: 201, code: undefined })
        if (difference !== undefined) return difference
        const { human_proof: proof } = await request('GET', new URL(`${pair.app1Url}/service-users/demo-human`))
        return proof === 'verified' ? undefined : `the user says ${proof ?? 'nothing'}`
      },
    },
  ]
}
