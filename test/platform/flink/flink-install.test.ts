import { createHash, randomBytes } from 'node:crypto'
import { access, constants, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { create } from 'tar'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/lib/clock.ts'
import { silentLog } from '../../../src/lib/log.ts'
import { createFlinkInstaller, type InstallProgress } from '../../../src/platform/flink/flink-install.http.ts'
import { type FakePackageIndex, fakePackageIndex } from '../../fakes/package-index.ts'

const LIBRARIES = 'apache-flink-libraries-1.20.3.tar.gz'
const SCRIPTS = 'apache_flink-1.20.3-cp311-cp311-manylinux1_x86_64.whl'
const PADDING = randomBytes(300_000)

let root: string
let index: FakePackageIndex
let libraries: Uint8Array
let progress: InstallProgress[]

// Waiting between tries takes no time here; what was waited is not what is tested.
const clock: Clock = { now: () => 0, sleep: async () => {} }

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-install-'))
  progress = []
  libraries = await librariesArchive()
  index = await fakePackageIndex({
    'apache-flink-libraries': { [LIBRARIES]: libraries },
    'apache-flink': { [SCRIPTS]: scriptsWheel() },
  })
})

afterEach(async () => {
  await index.close()
  await rm(root, { recursive: true, force: true })
})

function installer(indexUrl = index.url) {
  return createFlinkInstaller({
    ...{ shelf: join(root, 'shelf'), clock, log: silentLog },
    pip: async () => ({ indexUrl, cert: null }),
    onProgress: (one) => progress.push(one),
  })
}

async function librariesArchive(): Promise<Uint8Array> {
  const top = 'apache-flink-libraries-1.20.3'
  await put(`make/${top}/deps/lib/flink-dist-1.20.3.jar`, PADDING)
  await put(`make/${top}/deps/opt/flink-sql-client-1.20.3.jar`, 'opt')
  await put(`make/${top}/setup.py`, 'print()')
  await create({ gzip: true, cwd: join(root, 'make'), file: join(root, 'l.tar.gz') }, [top])
  return readFile(join(root, 'l.tar.gz'))
}

function scriptsWheel(): Uint8Array {
  const scripts = ['flink', 'config.sh', 'flink-daemon.sh', 'jobmanager.sh', 'taskmanager.sh']
  const entries = scripts.map((name) => [`pyflink/bin/${name}`, strToU8('#!/bin/sh\n')] as const)
  return zipSync({
    ...Object.fromEntries(entries),
    'pyflink/conf/config.yaml': strToU8('a: b\n'),
    'pyflink/table/table.py': strToU8('python'),
    'apache_flink-1.20.3.dist-info/METADATA': strToU8('x'),
  })
}

async function put(path: string, content: string | Uint8Array): Promise<void> {
  const full = join(root, path)
  await mkdir(dirname(full), { recursive: true })
  await writeFile(full, content)
}

const shelf = () => readdir(join(root, 'shelf'))
const fetched = (part: string) => index.served.filter(({ path }) => path.includes(part))

describe('installing Flink from a package index', () => {
  it('gives a home that is whole, with scripts that can be run, and leaves nothing else', async () => {
    const result = await installer().install('1.20')

    expect(result).toMatchObject({ ok: true, already: false, home: { version: { text: '1.20.3' } } })
    const home = join(root, 'shelf/1.20.3')
    await access(join(home, 'bin/flink'), constants.X_OK)
    expect(await readFile(join(home, 'lib/flink-dist-1.20.3.jar'))).toEqual(PADDING)
    expect((await readdir(home)).sort()).toEqual(['bin', 'conf', 'lib', 'opt'])
    expect(await shelf()).toEqual(['1.20.3'])
  })

  it('tells how far it is, to the last byte', async () => {
    await installer().install('1.20.3')

    const last = progress.filter((one) => one.step === 'download' && one.file === LIBRARIES).at(-1)
    expect(last).toMatchObject({ bytes: expect.any(Number), total: expect.any(Number) })
    expect(last?.step === 'download' && last.bytes === last.total).toBe(true)
    expect(progress[0]).toEqual({ step: 'index' })
    expect(progress.at(-1)).toEqual({ step: 'finish' })
  })

  it('takes what is there already, and asks nobody', async () => {
    await installer().install('1.20.3')
    const before = index.served.length

    const again = await installer().install('1.20')

    expect(again).toMatchObject({ ok: true, already: true, home: { path: join(root, 'shelf/1.20.3') } })
    expect(index.served).toHaveLength(before)
  })

  it('goes on with a download that was cut, from where it was cut', async () => {
    await put(`shelf/.downloads/${LIBRARIES}.partial`, libraries.subarray(0, 100_000))

    const result = await installer().install('1.20.3')

    expect(result).toMatchObject({ ok: true })
    expect(fetched(`/files/apache-flink-libraries`).map(({ range }) => range)).toEqual(['bytes=100000-'])
  })

  it('starts over when what was kept is spoilt, or the server sends all of it', async () => {
    await put(`shelf/.downloads/${LIBRARIES}.partial`, randomBytes(1000))

    expect(await installer().install('1.20.3')).toMatchObject({ ok: true })
    expect(fetched('/files/apache-flink-libraries').map(({ range }) => range)).toEqual([
      'bytes=1000-',
      undefined,
    ])
  })

  it('comes back after the connection was lost in the middle', async () => {
    let cut = false
    index.disturb((request, response) => {
      if (cut || !request.url?.endsWith(LIBRARIES)) return false
      cut = true
      response.writeHead(200, { 'content-length': libraries.length })
      response.write(libraries.subarray(0, 50_000), () => setImmediate(() => response.destroy()))
      return true
    })

    expect(await installer().install('1.20.3')).toMatchObject({ ok: true })
    expect(fetched('/files/apache-flink-libraries').length).toBeGreaterThan(1)
  })

  it('believes no file whose digest is wrong, keeps none of it, and installs nothing', async () => {
    index.lieAbout(LIBRARIES, '0'.repeat(64))

    const result = await installer().install('1.20.3')

    expect(result).toMatchObject({ ok: false, problem: { why: 'wrong-digest', file: LIBRARIES } })
    expect(await readdir(join(root, 'shelf/.downloads'))).toEqual([SCRIPTS])
    expect(await installer().list()).toEqual([])
  })

  it('signs in with what the address holds, and never tells it', async () => {
    const lines: unknown[] = []
    const log = { ...silentLog, info: (fields: unknown) => lines.push(fields) }
    const secretive = createFlinkInstaller({
      ...{ shelf: join(root, 'shelf'), clock, log, onProgress: (one) => lines.push(one) },
      pip: async () => ({ indexUrl: index.urlWith('lin:s3cret'), cert: null }),
    })

    const result = await secretive.install('1.20.3')

    const expected = `Basic ${btoa('lin:s3cret')}`
    expect(new Set(index.served.map(({ authorization }) => authorization))).toEqual(new Set([expected]))
    expect(JSON.stringify([result, lines])).not.toContain('s3cret')
  })

  it('does not sign in where the index keeps its files elsewhere', async () => {
    const elsewhere = await fakePackageIndex({
      'apache-flink-libraries': { [LIBRARIES]: libraries },
      'apache-flink': { [SCRIPTS]: scriptsWheel() },
    })
    index.keepFilesAt(elsewhere.origin)

    const result = await installer(index.urlWith('lin:s3cret')).install('1.20.3')

    await elsewhere.close()
    expect(result).toMatchObject({ ok: true })
    expect(elsewhere.served.map(({ authorization }) => authorization)).toEqual([undefined, undefined])
  })

  it('never tells the secret when the index refuses', async () => {
    index.disturb((_request, response) => {
      response.writeHead(401).end('who are you')
      return true
    })

    const result = await installer(index.urlWith('lin:s3cret')).install('1.20.3')

    expect(result).toMatchObject({ ok: false, problem: { why: 'index-refuses', status: 401 } })
    expect(JSON.stringify(result)).not.toContain('s3cret')
  })

  it.each([
    ['a sign-in page', '<html><a href="/login">Sign in</a></html>'],
    ['a greeting', 'hello'],
  ])('says so when the index answers with %s', async (_what, body) => {
    index.disturb((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(body)
      return true
    })

    expect(await installer().install('1.20.3')).toMatchObject({ ok: false, problem: { why: 'no-index' } })
  })

  it('does without sizes', async () => {
    index.withoutSizes()

    expect(await installer().install('1.20.3')).toMatchObject({ ok: true })
  })

  it('says which versions there are when the wanted one is not', async () => {
    expect(await installer().install('1.19')).toMatchObject({
      problem: { why: 'not-offered', offered: ['1.20.3'] },
    })
    expect(await installer().install('newest')).toMatchObject({ problem: { why: 'bad-version' } })
  })

  it('says that nobody answers', async () => {
    await index.close()

    expect(await installer().install('1.20.3')).toMatchObject({ problem: { why: 'index-unreachable' } })
  })

  it('lets one process install at a time', async () => {
    await put('shelf/.lock', String(process.pid))

    expect(await installer().install('1.20.3')).toEqual({
      ok: false,
      problem: { why: 'busy', pid: process.pid },
    })
  })

  it('takes over from one that was killed, and from its half-filled directory', async () => {
    await put('shelf/.lock', '999999999')
    await put('shelf/.new/lib/flink-dist-1.19.0.jar', 'half')

    expect(await installer().install('1.20.3')).toMatchObject({ ok: true })
    expect(await shelf()).toEqual(['1.20.3'])
  })

  it('touches nothing that stands under the version’s name and is no Flink', async () => {
    await put('shelf/1.20.3/notes.txt', 'mine')

    expect(await installer().install('1.20.3')).toMatchObject({ problem: { why: 'in-the-way' } })
    expect(await readFile(join(root, 'shelf/1.20.3/notes.txt'), 'utf8')).toBe('mine')
  })
})

describe('installing Flink from an official archive', () => {
  async function archive(): Promise<string> {
    const top = 'flink-1.20.1'
    await put(`make2/${top}/lib/flink-dist-1.20.1.jar`, 'dist')
    await put(`make2/${top}/conf/config.yaml`, 'a: b')
    for (const name of ['flink', 'config.sh', 'flink-daemon.sh', 'jobmanager.sh', 'taskmanager.sh']) {
      await put(`make2/${top}/bin/${name}`, '#!/bin/sh\n')
    }
    const file = join(root, 'flink-1.20.1-bin-scala_2.12.tgz')
    await create({ gzip: true, cwd: join(root, 'make2'), file }, [top])
    return file
  }

  it('needs no index and reads the version from what is inside', async () => {
    const result = await installer('not an address').installFrom(await archive())

    expect(result).toMatchObject({
      ok: true,
      home: { path: join(root, 'shelf/1.20.1'), version: { text: '1.20.1' } },
    })
    await access(join(root, 'shelf/1.20.1/bin/flink'), constants.X_OK)
  })

  it('checks the digest that lies beside it', async () => {
    const file = await archive()
    await writeFile(`${file}.sha512`, `${'0'.repeat(128)}  flink-1.20.1-bin-scala_2.12.tgz\n`)
    expect(await installer().installFrom(file)).toMatchObject({ problem: { why: 'wrong-digest' } })

    const digest = createHash('sha512')
      .update(await readFile(file))
      .digest('hex')
    await writeFile(`${file}.sha512`, `${digest}  flink-1.20.1-bin-scala_2.12.tgz\n`)

    expect(await installer().installFrom(file)).toMatchObject({ ok: true })
  })

  it.each([
    [
      'a cut archive',
      async () => {
        const file = await archive()
        await writeFile(file, (await readFile(file)).subarray(0, 100))
        return file
      },
      'cannot-unpack',
    ],
    [
      'another archive',
      async () => {
        await put('make3/x/readme.txt', 'hello')
        await create({ gzip: true, cwd: join(root, 'make3'), file: join(root, 'x.tgz') }, ['x'])
        return join(root, 'x.tgz')
      },
      'not-a-home',
    ],
    ['no file', async () => join(root, 'nothing.tgz'), 'no-tarball'],
    ['a name that is none', async () => root, 'no-tarball'],
  ])('refuses %s and installs nothing', async (_what, make, why) => {
    expect(await installer().installFrom(await make())).toMatchObject({ ok: false, problem: { why } })
    expect(await installer().list()).toEqual([])
  })
})

describe('what is installed', () => {
  it('is listed by version, half ones and strangers left out, and can be removed', async () => {
    await installer().install('1.20.3')
    await put('shelf/1.9.0/lib/other.jar', '')
    await put('shelf/readme/x', '')

    expect((await installer().list()).map(({ name }) => name)).toEqual(['1.20.3'])
    expect(await installer().remove('1.20.3')).toBe(true)
    expect(await installer().list()).toEqual([])
    expect(await installer().remove('1.20.3')).toBe(false)
    expect(await installer().remove('../..')).toBe(false)
  })
})
