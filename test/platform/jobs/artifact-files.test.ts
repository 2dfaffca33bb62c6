import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strToU8, type Zippable, zipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openArtifactFiles } from '../../../src/platform/jobs/artifact-files.file.ts'

const MANIFEST = 'META-INF/MANIFEST.MF'
const jar = (manifest: string, more: Zippable = {}) =>
  zipSync({ [MANIFEST]: strToU8(manifest), 'com/acme/Job.class': new Uint8Array(200_000), ...more })

describe('jars on disk', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-artifacts-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  const filesIn = async () =>
    (await readdir(directory, { recursive: true })).filter((name) => name.includes('.'))

  it('are kept under their digest, once', async () => {
    const files = openArtifactFiles(directory)
    const bytes = jar('Manifest-Version: 1.0\r\nMain-Class: com.acme.Job\r\n\r\n')
    const digest = createHash('sha256').update(bytes).digest('hex')

    const first = await files.keep(bytes)
    const again = await files.keep(bytes)

    expect(first).toEqual({
      ok: true,
      value: { digest, size: bytes.length, manifest: { 'Main-Class': 'com.acme.Job' } },
    })
    expect(again).toEqual(first)
    expect(await filesIn()).toEqual([join(digest.slice(0, 2), `${digest}.jar`)])
    const found = await files.open(digest)
    expect(await readFile(found?.path ?? '')).toEqual(Buffer.from(bytes))
  })

  it('are received piece by piece', async () => {
    const bytes = jar('Main-Class: a.B\n')
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += 17) yield bytes.subarray(at, at + 17)
    }

    expect(await openArtifactFiles(directory).keep(pieces())).toMatchObject({
      ok: true,
      value: { size: bytes.length, manifest: { 'Main-Class': 'a.B' } },
    })
  })

  it.each([
    ['packed', jar('Main-Class: a.B\n')],
    ['stored', zipSync({ [MANIFEST]: [strToU8('Main-Class: a.B\n'), { level: 0 }] })],
    ['folded over lines', jar('Main-Class: a\r\n .B\r\n')],
    ['in the main section alone', jar('Main-Class: a.B\n\nName: x\nMain-Class: c.D\n')],
  ])('tell the entry class: %s', async (_, bytes) => {
    expect(await openArtifactFiles(directory).keep(bytes)).toMatchObject({
      value: { manifest: { 'Main-Class': 'a.B' } },
    })
  })

  it('may have no manifest, as long as they hold a class', async () => {
    const files = openArtifactFiles(directory)

    expect(await files.keep(zipSync({ 'a/B.class': new Uint8Array(3) }))).toMatchObject({
      value: { manifest: {} },
    })
    expect(await files.keep(zipSync({ 'readme.txt': new Uint8Array(3) }))).toEqual({
      ok: false,
      why: 'not-a-jar',
    })
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['a text', strToU8('SELECT 1;'.repeat(100))],
    ['half a jar', jar('Main-Class: a.B\n').subarray(0, 400)],
    ['an end without a directory', Buffer.from(`504b0506${'ff'.repeat(18)}`, 'hex')],
  ])('refuse %s, and leave nothing behind', async (_, bytes) => {
    expect(await openArtifactFiles(directory).keep(bytes)).toEqual({ ok: false, why: 'not-a-jar' })
    expect(await filesIn()).toEqual([])
  })

  it('refuse what is too large as soon as it is', async () => {
    const files = openArtifactFiles(directory, { limit: 1_000 })
    let given = 0
    async function* endless() {
      for (;;) {
        given += 300
        yield new Uint8Array(300)
      }
    }

    expect(await files.keep(endless())).toEqual({ ok: false, why: 'too-large' })
    expect(given).toBe(1_200)
    expect(await filesIn()).toEqual([])
  })

  it('leave nothing behind when the sender breaks off, nor when the process was killed', async () => {
    async function* breaking() {
      yield new Uint8Array(300)
      throw new Error('gone')
    }
    await mkdir(join(directory, 'incoming'))
    await writeFile(join(directory, 'incoming', 'half.jar'), 'x')

    await expect(openArtifactFiles(directory).keep(breaking())).rejects.toThrow('gone')
    expect(await filesIn()).toEqual([])
  })

  it('are not found by anything that is no digest', async () => {
    const files = openArtifactFiles(directory)

    expect(await files.open('../../etc/passwd')).toBeNull()
    expect(await files.open('0'.repeat(64))).toBeNull()
  })
})
