// Reads the names in a zip archive from its central directory; it unpacks nothing.

/** Names of the files in `archive`. Throws for what is not a zip archive of less than 4 GB. */
export function zipEntries(archive: Buffer): string[] {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end === -1) throw new Error('not a zip archive')
  const count = archive.readUInt16LE(end + 10)
  const names: string[] = []
  let at = archive.readUInt32LE(end + 16)
  for (let index = 0; index < count; index += 1) {
    const lengths = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset))
    const [nameLength = 0] = lengths
    names.push(archive.toString('utf8', at + 46, at + 46 + nameLength))
    at += 46 + lengths.reduce((sum, length) => sum + length, 0)
  }
  return names
}
