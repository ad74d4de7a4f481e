// What every command of ours does with its arguments; it repeats none of them, since a terminal would obey what is in it.
import { parseArgs, type ParseArgsConfig } from 'node:util'

/** What somebody typed cannot be done. The message says what can, and repeats nothing of it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const helpOption = { help: { type: 'boolean', default: false } } as const

/** The options of the command line, or of `args`. Throws UsageError for one that there is not. */
export function readArgs<const Config extends Pick<ParseArgsConfig, 'options'>>(
  config: Config,
  args?: readonly string[],
): ReturnType<typeof parseArgs<Config>>['values'] {
  return readCommandLine(config, args).values
}

/** And the words that are no options, where `config` allows them. */
export function readCommandLine<const Config extends Pick<ParseArgsConfig, 'options' | 'allowPositionals'>>(
  config: Config,
  args?: readonly string[],
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs({ ...config, ...(args && { args: [...args] }) })
  } catch {
    throw new UsageError('There is no such option, or its value is missing. See --help.')
  }
}
