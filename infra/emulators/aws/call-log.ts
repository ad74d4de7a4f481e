// Which operations were called and when, so that tests can count them; it never keeps what was sent or answered.

export type Call = {
  readonly operation: string
  readonly startMs: number
  /** Undefined while the call is under way. */
  readonly endMs: number | undefined
  /** The name of the error that was answered, or the kind of fault that took the answer away. */
  readonly error: string | undefined
}

export type CallLog = {
  readonly calls: readonly Call[]
  /** Notes the start of a call; what it returns notes the end. */
  start(operation: string): (error?: string) => void
}

export function createCallLog(now: () => number): CallLog {
  const calls: Call[] = []
  return {
    calls,
    start: (operation) => {
      const startMs = now()
      const index = calls.push({ operation, startMs, endMs: undefined, error: undefined }) - 1
      return (error) => {
        calls[index] = { operation, startMs, endMs: now(), error }
      }
    },
  }
}
