// Lets everybody who asks for the same thing at the same time wait for one call; it never keeps a result.

/**
 * A function that starts `load` only when no earlier call of it is still running. A failure is given to all who wait
 * and then forgotten: the next call starts anew.
 */
export function singleFlight<T>(load: () => Promise<T>): () => Promise<T> {
  let flight: Promise<T> | undefined
  return () => {
    flight ??= load().finally(() => {
      flight = undefined
    })
    return flight
  }
}
