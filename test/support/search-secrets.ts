// Looks for secrets in what a program gave away, in every spelling in which they could have got there.

/** Shorter ones would be found by accident. */
const shortestSecret = 8

function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const base64Forms = [0, 1, 2].flatMap((offset) => {
    // Inside a longer text, base64 of the secret depends on its offset; the characters at its ends are not its own.
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replaceAll('=', '')
    const own = encoded.slice(offset === 0 ? 0 : offset + 1, -2)
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')]
  })
  const jsonEscaped = JSON.stringify(secret).slice(1, -1)
  return [secret, jsonEscaped, bytes.toString('hex'), encodeURIComponent(secret), ...base64Forms]
}

/** The secrets that stand in `text`: their places in `secrets`, never themselves. */
export function secretsFoundIn(text: string, secrets: Iterable<string>): number[] {
  const lowered = text.toLowerCase()
  return [...secrets].flatMap((secret, index) => {
    if (secret.length < shortestSecret) return []
    const forms = spellings(secret)
    const found = forms.some((form) => text.includes(form)) || lowered.includes(Buffer.from(secret).toString('hex'))
    return found ? [index] : []
  })
}
