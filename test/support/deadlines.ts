// Deadlines for tests: one that is far away, and one that is over.
import { createDeadline, type Deadline } from '#shared/time/deadline.ts'

export const farDeadline = (): Deadline => createDeadline({ now: Date.now, budgetMs: 20_000 })

export const pastDeadline = (): Deadline => createDeadline({ now: Date.now, budgetMs: 0 })
