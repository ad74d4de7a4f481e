// What the benchmark and the threads of its functions have agreed on; both sides import it.

/** The member of an event that sets a thread's clock: by how many milliseconds it is to be ahead. */
export const clockQuestion = 'benchClockAheadMs'

/** Names the module that has the function's own handler. */
export const clockHandlerVariable = 'BENCH_HANDLER_MODULE'
