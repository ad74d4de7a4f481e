// How far a long run is, on a terminal.

/** A line on a terminal that says how far a long run is; wiped before anything else is written there. */
export type Progress = {
  show(state: ProgressState): void
  clear(): void
}

export type ProgressState = {
  readonly label: string
  readonly done: number
  /** Of an estimate, which may be too low; undefined shows no bar. */
  readonly total: number | undefined
}

/** Draws at most ten times a second. */
export function createProgress(deps: {
  readonly write: (text: string) => void
  readonly monotonicNow: () => number
}): Progress {
  let drawnAt = -Infinity
  let visible = false
  return {
    show(state) {
      const at = deps.monotonicNow()
      if (at - drawnAt < 100) return
      drawnAt = at
      visible = true
      deps.write(`${eraseLine}${progressText(state)}`)
    },
    clear() {
      if (visible) deps.write(eraseLine)
      visible = false
    },
  }
}

const eraseLine = '\r\u001b[K'
const barWidth = 20

function progressText({ label, done, total }: ProgressState): string {
  const count = done.toLocaleString('en')
  if (total === undefined || total === 0) return `${label} ${count}`
  const filled = Math.round(Math.min(1, done / total) * barWidth)
  const bar = '#'.repeat(filled).padEnd(barWidth, '-')
  return `${label} [${bar}] ${count} of about ${total.toLocaleString('en')}`
}
