// Sorts mutants into detected, exempt and surviving; an exemption that no survivor needs is reported, never kept.

export type Mutant = {
  readonly mutatorName: string
  readonly replacement?: string | undefined
  readonly status: string
  readonly location: { readonly start: Position; readonly end: Position }
}

type Position = { readonly line: number; readonly column: number }

/** A survivor that no test can kill, by what it replaces and not by its line, which moves. */
export type Exemption = {
  readonly file: string
  readonly original: string
  readonly replacement: string
  /** How many survivors are like this. */
  readonly count?: number
  /** Why the mutant behaves no differently, or why that difference is none that matters. */
  readonly reason: string
}

export type Survivor = {
  readonly file: string
  readonly line: number
  readonly original: string
  readonly replacement: string
}

export type FileVerdict = {
  readonly file: string
  readonly mutants: number
  readonly killed: number
  readonly timedOut: number
  readonly exempt: number
  /** Not among `mutants`: the tests did not even load with them. */
  readonly notLoaded: number
  readonly survivors: readonly Survivor[]
}

export type Verdict = {
  readonly files: readonly FileVerdict[]
  readonly exemptions: readonly Exemption[]
  readonly needless: readonly Exemption[]
  readonly total: {
    readonly mutants: number
    readonly detected: number
    readonly exempt: number
    readonly notLoaded: number
    readonly survivors: number
    readonly needless: number
  }
}

/**
 * Mutants that fail outside of any test, while modules load, are counted apart: whoever wrote such a line would notice
 * at once, but no test did. What Stryker was told to ignore is left out.
 */
export function judge(
  files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>,
  exemptions: readonly Exemption[],
): Verdict {
  const unused = new Map(exemptions.map((exemption) => [exemption, exemption.count ?? 1]))
  const exempts = (survivor: Survivor): boolean => {
    const found = exemptions.find((one) => isLike(one, survivor) && (unused.get(one) ?? 0) > 0)
    if (found !== undefined) unused.set(found, (unused.get(found) ?? 0) - 1)
    return found !== undefined
  }

  const verdicts = Object.entries(files)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([file, { source, mutants }]): FileVerdict => {
      const countOf = (status: string): number => mutants.filter((mutant) => mutant.status === status).length
      const undetected = mutants
        .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
        .map((mutant) => describe(file, source, mutant))
      const survivors = undetected.filter((survivor) => !exempts(survivor))
      const [killed, timedOut] = [countOf('Killed'), countOf('Timeout')]
      const exempt = undetected.length - survivors.length
      const notLoaded = countOf('CompileError') + countOf('RuntimeError')
      return { file, mutants: killed + timedOut + undetected.length, killed, timedOut, exempt, notLoaded, survivors }
    })

  const needless = exemptions.filter((exemption) => (unused.get(exemption) ?? 0) > 0)
  const sum = (count: (verdict: FileVerdict) => number): number =>
    verdicts.reduce((total, verdict) => total + count(verdict), 0)
  return {
    files: verdicts,
    exemptions,
    needless,
    total: {
      mutants: sum(({ mutants }) => mutants),
      detected: sum(({ killed, timedOut }) => killed + timedOut),
      exempt: sum(({ exempt }) => exempt),
      notLoaded: sum(({ notLoaded }) => notLoaded),
      survivors: sum(({ survivors }) => survivors.length),
      needless: needless.length,
    },
  }
}

function isLike(exemption: Exemption, survivor: Survivor): boolean {
  return (
    exemption.file === survivor.file &&
    exemption.original === survivor.original &&
    exemption.replacement === survivor.replacement
  )
}

function describe(file: string, source: string, mutant: Mutant): Survivor {
  const { start, end } = mutant.location
  const original = source.slice(offsetOf(source, start), offsetOf(source, end))
  return { file, line: start.line, original: inOneLine(original), replacement: inOneLine(mutant.replacement ?? '') }
}

/** Lines and columns count from 1. */
function offsetOf(source: string, { line, column }: Position): number {
  const before = source.split('\n').slice(0, line - 1)
  return before.reduce((offset, text) => offset + text.length + 1, column - 1)
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}
