import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startLambdaProcess, type LambdaProcess } from './lambda-process.ts'

/** Plays the interface client: answers each event with its environment, says nothing to `stuck`, and ends at `die`. */
const emulator = `
  const api = \`http://\${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation\`
  for (;;) {
    const call = await fetch(\`\${api}/next\`)
    const event = await call.json()
    console.log('event ' + event)
    if (event === 'die') process.exit(1)
    if (event === 'stuck') await new Promise((resolve) => setTimeout(resolve, 60_000))
    const id = call.headers.get('lambda-runtime-aws-request-id')
    await fetch(\`\${api}/\${id}/response\`, { method: 'POST', body: JSON.stringify(process.env) })
  }
`

let folder: string
let lambda: LambdaProcess

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-process-'))
  const client = join(folder, 'client.mjs')
  await writeFile(client, emulator)
  lambda = await startLambdaProcess({
    packaged: {
      name: 'some-function',
      handler: 'dist/some/handler.handler',
      archive: '',
      timeoutSeconds: 2,
      memoryMb: 512,
      variables: { OWN: 'own' },
    },
    taskRoot: folder,
    client,
    environment: { GIVEN: 'given' },
  })
})

afterEach(async () => {
  await lambda.close()
  await rm(folder, { recursive: true })
})

describe('startLambdaProcess', () => {
  it("gives the function Lambda's variables, its own and those that are handed in, and none of this process", async () => {
    await lambda.ready

    const environment = await lambda.invoke('environment')

    expect(environment).toMatchObject({
      _HANDLER: 'dist/some/handler.handler',
      LAMBDA_TASK_ROOT: folder,
      AWS_LAMBDA_FUNCTION_NAME: 'some-function',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      OWN: 'own',
      GIVEN: 'given',
    })
    expect(environment).not.toHaveProperty('PATH')
    expect(lambda.lines).toEqual(['event environment'])
  })

  it('fails the call that ends the process, and every later one', async () => {
    await expect(lambda.invoke('die')).rejects.toMatchObject({ errorType: 'Runtime.ExitError' })
    await expect(lambda.invoke('environment')).rejects.toMatchObject({ errorType: 'Runtime.ExitError' })
  })

  it('ends a process that takes longer than the time-out of its function', async () => {
    await lambda.ready

    await expect(lambda.invoke('stuck')).rejects.toMatchObject({ errorType: 'Sandbox.Timedout' })
    await expect(lambda.invoke('environment')).rejects.toMatchObject({ errorType: 'Runtime.ExitError' })
  })
})
