// Takes one file out of a zip archive such as the framework packages; it writes nothing.
import { inflateRawSync } from 'node:zlib'

/** The content of the file `name`. Throws where there is none, or it is packed in another way than zip's usual two. */
export function readZipEntry(archive: Buffer, name: string): Buffer {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end === -1) throw new Error('not a zip archive')
  let at = archive.readUInt32LE(end + 16)
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameBytes = archive.readUInt16LE(at + 28)
    if (archive.toString('utf8', at + 46, at + 46 + nameBytes) === name) return unpack(archive, at)
    at += 46 + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  throw new Error(`no ${name} in the archive`)
}

/** `entry` is where the file stands in the central directory, which knows the sizes for sure. */
function unpack(archive: Buffer, entry: number): Buffer {
  const method = archive.readUInt16LE(entry + 10)
  const header = archive.readUInt32LE(entry + 42)
  const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28)
  const packed = archive.subarray(start, start + archive.readUInt32LE(entry + 20))
  if (method === 0) return packed
  if (method === 8) return inflateRawSync(packed)
  throw new Error(`packed by method ${method}, which is neither stored nor deflated`)
}
