// The file that a deployment of one side writes for the other's: what it takes, a `--param` a line. No secret is in it.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Values } from '../given-parameters.ts'
import { linkNames, links, linkValue, readyLines } from './links.ts'
import type { Side } from './owners.ts'

type Given = {
  readonly side: Exclude<Side, 'both'>
  readonly stage: string
  readonly region: string
  readonly folder: string
}

/** Writes it into `folder` and says what to do with it; undefined where the stack has no outputs to tell of. */
export async function writeReadyFile(
  { side, stage, region, folder }: Given,
  stackOutputs: unknown,
): Promise<string | undefined> {
  const lines = readyLines(side, stackOutputs)
  if (lines.length === 0) return undefined
  const other = side === 'app1' ? 'app2' : 'app1'
  const name = `${other}.params`
  await writeFile(join(folder, name), `${lines.join('\n')}\n`)
  return (
    `${name} has what side=${other} needs of this stack. With credentials of the other account, and your own parameters:\n` +
    `npx serverless deploy --stage ${stage} --region ${region} --param side=${other} $(cat ${name})`
  )
}

/** What a deployment of one side means without a line of the other's; undefined where there are some, or where it is of both. */
export function unlinkedNotice(values: Values): string | undefined {
  const { side } = values
  if (side !== 'app1' && side !== 'app2') return undefined
  if (linkNames.some((name) => links[name].side === side && linkValue(values, name) !== undefined)) return undefined
  const meaning =
    side === 'app1'
      ? 'it knows nothing of App2, and answers not_ready'
      : 'it lets no role of App1’s account in, nor any longer'
  return `side=${side} without $(cat ${side}.params): ${meaning}.`
}
