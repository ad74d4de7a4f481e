// Many texts as one run of bytes, for a MAC or as additional data of a cipher.

/** Each field as UTF-8 behind its length in bytes (32 bits, big-endian), so that no two lists of fields give the same bytes. */
export function lengthPrefixed(fields: readonly string[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field, 'utf8')
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}
