// Says how far the run is: a bar that is redrawn on a terminal, now and then a line anywhere else.

export type Progress = {
  show(state: ProgressState): void
  /** Wipes the bar, so that the next line has the terminal to itself. */
  clear(): void
}

export type ProgressState = { readonly done: number; readonly count: number; readonly repeats: number }

type ProgressDeps = {
  readonly stream: { readonly isTTY?: boolean; write(text: string): unknown }
  readonly now: () => number
}

const redrawEveryMs = 100
const lineEveryMs = 5_000

export function createProgress({ stream, now }: ProgressDeps): Progress {
  const isTerminal = stream.isTTY === true
  const everyMs = isTerminal ? redrawEveryMs : lineEveryMs
  const startedAt = now()
  let shownAt = isTerminal ? -Infinity : startedAt
  return {
    show: (state) => {
      const at = now()
      if (at - shownAt < everyMs) return
      shownAt = at
      const text = progressText(state, at - startedAt)
      stream.write(isTerminal ? `${eraseLine}${bar(state)} ${text}` : `${text}\n`)
    },
    clear: () => {
      if (isTerminal) stream.write(eraseLine)
    },
  }
}

const eraseLine = '\r\u001b[K'
const barWidth = 20

function bar({ done, count }: ProgressState): string {
  return `[${'#'.repeat(Math.round((done / count) * barWidth)).padEnd(barWidth, '-')}]`
}

function progressText({ done, count, repeats }: ProgressState, elapsedMs: number): string {
  const perSecond = elapsedMs > 0 ? Math.round((done * 1000) / elapsedMs) : 0
  const [doneText, countText, repeatsText] = [done, count, repeats].map((value) => value.toLocaleString('en'))
  return `${doneText} of ${countText} settled, ${repeatsText} repeats, ${perSecond}/s`
}
