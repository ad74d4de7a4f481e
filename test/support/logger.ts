// A logger for tests that keeps what was logged, after the production allow-list has had its say.
import { pickAllowedFields, type Logger } from '#shared/logger.ts'

export type LogLine = { level: 'info' | 'warn' | 'error'; message: string } & Record<string, unknown>

export function recordingLogger(): Logger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const at =
    (level: LogLine['level']): Logger['info'] =>
    (message, fields = {}) => {
      lines.push({ level, message, ...pickAllowedFields(fields) })
    }
  return { lines, info: at('info'), warn: at('warn'), error: at('error') }
}
