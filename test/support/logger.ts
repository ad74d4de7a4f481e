// A logger for tests that keeps what was logged, after the production allow-list has had its say.
import { pickAllowedFields, type RequestLogger } from '#shared/logger.ts'

export type LogLine = { level: 'info' | 'warn' | 'error'; message: string } & Record<string, unknown>

export function recordingLogger(): RequestLogger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const at =
    (level: LogLine['level']): RequestLogger['info'] =>
    (message, fields = {}, requestId) => {
      lines.push({ level, message, ...pickAllowedFields({ request_id: requestId, ...fields }) })
    }
  return { lines, info: at('info'), warn: at('warn'), error: at('error') }
}
