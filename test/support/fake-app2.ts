// App2 as App1's use cases see it: it keeps what it was asked, and answers as a test says.
import type { App2Client } from '#services/app1-provisioner/app2-client.ts'

export type Asked = { readonly path: string; readonly body: Readonly<Record<string, unknown>> }

export function fakeApp2(answer: (question: Asked) => unknown): App2Client & { readonly asked: Asked[] } {
  const asked: Asked[] = []
  const ask = async (path: string, { makeBody }: { makeBody: () => Promise<unknown> }): Promise<unknown> => {
    const question = { path, body: (await makeBody()) as Asked['body'] }
    asked.push(question)
    return answer(question)
  }
  return { asked, ask: ask as App2Client['ask'] }
}

export const failingApp2 = (failure: Error): App2Client => fakeApp2(() => Promise.reject(failure))
