import { describe, expect, it, vi } from 'vitest'
import { endWithClosedPipe, failureText, paint, stepLine } from '#infra/local/terminal.ts'

describe('the terminal', () => {
  it('gets no colour where it is none', () => {
    vi.stubEnv('NO_COLOR', '1')

    expect(paint('red', 'text')).toBe('text')
  })

  it('shows a step with a mark and its time', () => {
    vi.stubEnv('NO_COLOR', '1')

    expect(stepLine({ passed: true, text: 'done', ms: 12.4 })).toBe('  ✓ done 12 ms')
    expect(stepLine({ passed: false, text: 'not done', ms: 0 })).toBe('  ✗ not done 0 ms')
  })

  it('names a taken port and what to do about it', () => {
    const error = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', port: 4001 })

    expect(failureText(error)).toMatch(/^Port 4001 is taken\..*PORT_APP1/)
    expect(failureText(Object.assign(new Error(), { code: 'EADDRINUSE' }))).toMatch(/^Port {2}is taken/)
  })

  it('shows a failure by its message alone', () => {
    expect(failureText(new Error('what went wrong'))).toBe('what went wrong')
    expect(failureText('thrown text')).toBe('An unknown error.')
  })

  it('a pipe that its reader closed ends the command quietly, and not as if all were done; a full disk ends it as a failure', () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never)
    const before = process.stdout.listeners('error')
    endWithClosedPipe()
    const [listener] = process.stdout.listeners('error').filter((candidate) => !before.includes(candidate))

    listener?.(Object.assign(new Error(), { code: 'EPIPE' }))
    expect(exit).toHaveBeenCalledWith(141)
    listener?.(Object.assign(new Error(), { code: 'ENOSPC' }))
    expect(exit).toHaveBeenLastCalledWith(1)
    process.stdout.removeListener('error', listener as () => void)
  })
})
