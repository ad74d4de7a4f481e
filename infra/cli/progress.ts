// A line on a terminal that says how far a long run is; wiped before anything else is written there.

export type Progress = {
  show(state: ProgressState): void
  clear(): void
}

export type ProgressState = {
  readonly label: string
  readonly done: number
  /** Undefined shows no bar. */
  readonly total: number | undefined
  /** How fast it is; absent: the total is an estimate, which may be too low. */
  readonly pace?: Pace
}

/** As far as it is known. */
export type Pace = { readonly perSecond: number | undefined }

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

function progressText({ label, done, total, pace }: ProgressState): string {
  const count = done.toLocaleString('en')
  if (total === undefined || total === 0) return `${label} ${count}`
  const filled = Math.round(Math.min(1, done / total) * barWidth)
  const bar = '#'.repeat(filled).padEnd(barWidth, '-')
  const of = pace === undefined ? 'of about' : 'of'
  return `${label} [${bar}] ${count} ${of} ${total.toLocaleString('en')}${paceText(pace, total - done)}`
}

function paceText({ perSecond = 0 }: Partial<Pace> = {}, left: number): string {
  if (perSecond <= 0) return ''
  return `, ${perSecond.toLocaleString('en', { maximumFractionDigits: 1 })} a second, ${timeText(left / perSecond)} left`
}

/** In the unit that a person would wait by. */
function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3_600).toFixed(1)} h`
}
