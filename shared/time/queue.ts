// Has tasks wait for each other.

export type Queue = <T>(task: () => Promise<T>) => Promise<T>

/** A queue of its own: a task begins when the one before it has ended, however it ended. */
export function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const result = last.then(task)
    last = result.catch(() => undefined)
    return result
  }
}
