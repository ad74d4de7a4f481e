// Lets everybody who asks for the same thing at the same time wait for one call; it never keeps a result.

/**
 * A function that starts `load` only when no earlier call of it is still running. A failure is given to all who wait
 * and then forgotten: the next call starts anew. The arguments are those of the call that starts it, so they must not
 * change what the others wait for.
 */
export function singleFlight<T, Args extends readonly unknown[]>(
  load: (...args: Args) => Promise<T>,
): (...args: Args) => Promise<T> {
  let flight: Promise<T> | undefined
  return (...args) => {
    flight ??= load(...args).finally(() => {
      flight = undefined
    })
    return flight
  }
}
