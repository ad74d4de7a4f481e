import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readZipEntry } from '#test/gate/moto/zip-entry.ts'

type Entry = { readonly name: string; readonly content: string; readonly method: number; readonly extra?: string }

/** A zip archive whose local headers have extra fields and no sizes, as archivers that stream write them. */
function zip(...entries: readonly Entry[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const { name, content, method, extra = '' } of entries) {
    const packed = method === 8 ? deflateRawSync(content) : Buffer.from(content)
    const local = Buffer.alloc(30)
    local.write('PK\x03\x04', 'latin1')
    local.writeUInt16LE(name.length, 26)
    local.writeUInt16LE(extra.length, 28)
    const central = Buffer.alloc(46)
    central.write('PK\x01\x02', 'latin1')
    central.writeUInt16LE(method, 10)
    central.writeUInt32LE(packed.length, 20)
    central.writeUInt16LE(name.length, 28)
    central.writeUInt32LE(at, 42)
    directory.push(central, Buffer.from(name))
    const file = Buffer.concat([local, Buffer.from(name + extra), packed])
    files.push(file)
    at += file.length
  }
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...files, ...directory, end])
}

const archive = zip(
  { name: 'a/stored.txt', content: 'as it is', method: 0 },
  { name: 'a/deflated.txt', content: 'packed '.repeat(100), method: 8, extra: 'extra' },
  { name: 'a/other.txt', content: '', method: 9 },
)

describe('readZipEntry', () => {
  it.each([
    { name: 'a/stored.txt', content: 'as it is' },
    { name: 'a/deflated.txt', content: 'packed '.repeat(100) },
  ])('gives the content of $name', ({ name, content }) => {
    expect(readZipEntry(archive, name).toString()).toBe(content)
  })

  it.each([
    { what: 'no archive', bytes: Buffer.from('text'), name: 'a', why: 'not a zip archive' },
    { what: 'a name that is not in it', bytes: archive, name: 'stored.txt', why: 'no stored.txt in the archive' },
    { what: 'another way of packing', bytes: archive, name: 'a/other.txt', why: 'packed by method 9' },
  ])('refuses $what', ({ bytes, name, why }) => {
    expect(() => readZipEntry(bytes, name)).toThrow(why)
  })
})
