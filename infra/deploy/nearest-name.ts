// Which name somebody meant who typed another one.

/** The name with the fewest letters to change, in whichever case; undefined where less than half of it would stay. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const [nearest] = names
    .map((name) => ({ name, edits: edits(typed.toLowerCase(), name.toLowerCase()) }))
    .sort((one, other) => one.edits - other.edits)
  return nearest !== undefined && nearest.edits <= nearest.name.length / 2 ? nearest.name : undefined
}

/** Levenshtein's distance: letters put in, left out or replaced. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: Array.from(to).length + 1 }, (_, index) => index)
  for (const [index, letter] of Array.from(from).entries()) {
    const above = row
    row = [index + 1]
    for (const [column, other] of Array.from(to).entries()) {
      const [diagonal = 0, over = 0, left = 0] = [above[column], above[column + 1], row[column]]
      row.push(Math.min(diagonal + (letter === other ? 0 : 1), over + 1, left + 1))
    }
  }
  return row.at(-1) ?? 0
}
