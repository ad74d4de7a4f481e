// What a measured function is asked besides its own work, and how it is told whose work that is.

/** An event that no gateway sends. */
export const heapQuestion = 'how much heap does this thread hold?'

/** The environment variable that says where the function's own module is. */
export const handlerVariable = 'LOAD_RUN_HANDLER_MODULE'
