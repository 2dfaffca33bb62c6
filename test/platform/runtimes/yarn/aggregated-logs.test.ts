import { describe, expect, it } from 'vitest'
import { readGathered } from '../../../../src/platform/runtimes/yarn/aggregated-logs.ts'

const MAGIC = Buffer.from('d111d36891b5d7b639df414092bae150', 'hex')

const utf = (text: string) => {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(Buffer.byteLength(text))
  return Buffer.concat([length, Buffer.from(text)])
}

/** As `org.apache.hadoop.io.file.tfile.Utils.writeVLong` does it. */
function vint(n: number): Buffer {
  if (n >= -32 && n <= 127) return Buffer.from([n & 0xff])
  if (n >= -20 * 2 ** 8 && n < 20 * 2 ** 8) return Buffer.from([((n >> 8) - 52) & 0xff, n & 0xff])
  if (n >= -16 * 2 ** 16 && n < 16 * 2 ** 16)
    return Buffer.from([((n >> 16) - 88) & 0xff, (n >> 8) & 0xff, n & 0xff])
  return Buffer.from([((n >> 24) - 112) & 0xff, (n >> 16) & 0xff, (n >> 8) & 0xff, n & 0xff])
}

const record = (key: string, value: Buffer, chunk = value.length) => {
  const chunks: Buffer[] = []
  let at = 0
  for (; value.length - at > chunk; at += chunk) chunks.push(vint(-chunk), value.subarray(at, at + chunk))
  const last = value.subarray(at)
  return Buffer.concat([vint(utf(key).length), utf(key), ...chunks, vint(last.length), last])
}

const files = (...all: [string, string][]) =>
  Buffer.concat(
    all.flatMap(([name, text]) => [utf(name), utf(String(Buffer.byteLength(text))), Buffer.from(text)]),
  )

const CONTAINER = 'container_1795399098455_0001_01_000001'
const index = Buffer.from('0b646174613a42434669', 'hex')

describe('what YARN gathered from one node', () => {
  it.each([
    ['a few bytes', 'short'],
    ['some hundred bytes', 'x'.repeat(700)],
    ['some thousand bytes', '日志'.repeat(20_000)],
    ['more than a million bytes', 'y'.repeat(1_500_000)],
  ])('is read where a log has %s', (_, text) => {
    const value = files(['jobmanager.log', text], ['jobmanager.out', ''])
    const bytes = Buffer.concat([MAGIC, record('VERSION', utf('1')), record(CONTAINER, value), index])

    expect(readGathered(bytes)).toEqual([
      { container: CONTAINER, file: 'jobmanager.log', text },
      { container: CONTAINER, file: 'jobmanager.out', text: '' },
    ])
  })

  it('is read across chunks', () => {
    const bytes = Buffer.concat([MAGIC, record(CONTAINER, files(['a.log', 'z'.repeat(5_000)]), 1_000), index])

    expect(readGathered(bytes)?.[0]?.text).toBe('z'.repeat(5_000))
  })

  it.each([
    ['another format', Buffer.from('PK\u0003\u0004 and so on')],
    ['nothing', Buffer.alloc(0)],
    ['compressed blocks', Buffer.concat([MAGIC, Buffer.from('1f8b0800deadbeef00ff', 'hex')])],
    ['a file cut short', Buffer.concat([MAGIC, record(CONTAINER, files(['a.log', 'abc']))]).subarray(0, 40)],
  ])('is nothing where it is %s', (_, bytes) => {
    expect(readGathered(bytes)).toBeNull()
  })
})
