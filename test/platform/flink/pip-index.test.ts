import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  chooseFiles,
  indexAddress,
  offeredVersions,
  placeFromTarball,
  placeInHome,
  readIndexPage,
  readPipConfig,
  versionOfFile,
} from '../../../src/platform/flink/pip-index.ts'

const SHA = 'a'.repeat(64)
const file = (name: string, size: number | null = 1) => ({
  name,
  url: `https://index/${name}`,
  sha256: SHA,
  size,
})

describe('an index address', () => {
  it.each([
    ['https://pypi.org/simple', 'https://pypi.org/simple', null],
    ['https://mirror.example/pypi/simple/', 'https://mirror.example/pypi/simple', null],
    [
      'https://lin:s%40cret@nexus.example/simple',
      'https://nexus.example/simple',
      `Basic ${btoa('lin:s@cret')}`,
    ],
  ])('of %s keeps its secret apart', (text, url, authorization) => {
    expect(indexAddress(text)).toEqual({ url, authorization })
  })

  it.each(['', 'pypi.org', 'ftp://x/simple', 'file:///x'])('is not %j', (text) => {
    expect(indexAddress(text)).toBeNull()
  })
})

describe('what pip is set up for', () => {
  it('prefers the environment to a section, and that to the global one', () => {
    const listing = "global.index-url='https://a/simple'\ninstall.index-url='https://b/simple'\n"

    expect(readPipConfig(listing).indexUrl).toBe('https://b/simple')
    expect(readPipConfig(`${listing}:env:.index-url='https://c/simple'`).indexUrl).toBe('https://c/simple')
    expect(readPipConfig("global.cert='/etc/ca.pem'\r\n")).toEqual({ indexUrl: null, cert: '/etc/ca.pem' })
    expect(readPipConfig('')).toEqual({ indexUrl: null, cert: null })
  })
})

describe('an index page', () => {
  it('in JSON gives files with digests; those without, and withdrawn ones, do not count', () => {
    const files = [
      { filename: 'a-1.0.tar.gz', url: '../../files/a-1.0.tar.gz', hashes: { sha256: SHA }, size: 7 },
      { filename: 'a-1.1.tar.gz', url: 'https://x/a-1.1.tar.gz', hashes: {} },
      { filename: 'a-1.2.tar.gz', url: 'https://x/a-1.2.tar.gz', hashes: { sha256: SHA }, yanked: 'broken' },
      { filename: '../a-1.3.tar.gz', url: 'https://x/a-1.3.tar.gz', hashes: { sha256: SHA } },
    ]

    expect(readIndexPage(JSON.stringify({ files }), 'https://i/simple/a/')).toEqual([
      { name: 'a-1.0.tar.gz', url: 'https://i/files/a-1.0.tar.gz', sha256: SHA, size: 7 },
    ])
  })

  it('in HTML, as many mirrors answer, gives the same', () => {
    const page = `<html><body><a href="../../files/a-1.0.tar.gz#sha256=${SHA}" data-requires-python="&gt;=3.8">a-1.0.tar.gz</a>
      <a href="/a-1.1.tar.gz#sha256=${SHA}" data-yanked="x">a-1.1.tar.gz</a></body></html>`

    expect(readIndexPage(page, 'https://i/simple/a/')).toEqual([
      { name: 'a-1.0.tar.gz', url: 'https://i/files/a-1.0.tar.gz', sha256: SHA, size: null },
    ])
  })

  it.each([
    ['a sign-in page', '<html><a href="/login">Sign in</a></html>'],
    ['something else in JSON', '{"message":"no"}'],
    ['broken JSON', '{"files":['],
    ['nothing', ''],
  ])('is not %s', (_what, body) => {
    expect(readIndexPage(body, 'https://i/simple/a/')).toBeNull()
  })
})

describe('choosing files', () => {
  const libraries = [
    ...['apache-flink-libraries-1.20.3.tar.gz', 'apache_flink_libraries-1.20.10.tar.gz'],
    ...['apache_flink_libraries-1.20.11.tar.gz', 'apache_flink_libraries-2.3.0.tar.gz'],
    ...['apache_flink_libraries-2.3.0-py2.py3-none-any.whl', 'apache_flink_libraries-0.0.tar.gz'],
  ].map((name) => file(name))
  const scripts = [
    file('apache_flink-1.20.3-cp38-cp38-macosx_11_0_arm64.whl', 20),
    file('apache_flink-1.20.3-cp39-cp39-manylinux1_x86_64.whl', 10),
    file('apache-flink-1.20.3.tar.gz', 1),
    file('apache_flink-1.20.10-cp311-cp311-manylinux1_x86_64.whl', 10),
    file('apache_flink-2.3.0-cp312-cp312-manylinux1_x86_64.whl', 10),
  ]

  it.each([
    ['1.20', '1.20.10'],
    ['1.20.3', '1.20.3'],
    ['2.3', '2.3.0'],
  ])('for %s finds %s', (wanted, found) => {
    expect(chooseFiles(wanted, libraries, scripts)?.version.text).toBe(found)
  })

  it('takes wheels before source archives, the smallest of any platform', () => {
    expect(chooseFiles('1.20.3', libraries, scripts)?.scripts.name).toBe(
      'apache_flink-1.20.3-cp39-cp39-manylinux1_x86_64.whl',
    )
    expect(chooseFiles('2.3.0', libraries, scripts)?.libraries.name).toMatch(/\.whl$/)
  })

  it.each([
    '1.2',
    '1.20.11',
    '1.20.1',
    '3.0',
  ])('finds nothing for %s, which is not offered whole', (wanted) => {
    expect(chooseFiles(wanted, libraries, scripts)).toBeNull()
  })

  it('tells what is offered, in order', () => {
    expect(offeredVersions(libraries, scripts).map(({ text }) => text)).toEqual([
      '1.20.3',
      '1.20.10',
      '2.3.0',
    ])
  })

  it('never takes one package for the other', () => {
    expect(versionOfFile('apache-flink-libraries-1.20.3.tar.gz', 'apache-flink')).toBeNull()
    expect(versionOfFile('apache_flink-1.20.3-cp38-cp38-x.whl', 'apache-flink-libraries')).toBeNull()
  })
})

describe('where an entry of a package belongs', () => {
  it.each([
    ['pyflink/bin/flink', 'bin/flink'],
    ['apache-flink-libraries-1.20.3/deps/lib/flink-dist-1.20.3.jar', 'lib/flink-dist-1.20.3.jar'],
    ['pyflink/lib/a.jar', 'lib/a.jar'],
    ['pyflink/table/x.py', null],
    ['apache_flink-1.20.3.dist-info/METADATA', null],
    ['pyflink/bin/../../../etc/passwd', null],
    ['/pyflink/bin/x', null],
    ['pyflink/bin\\..\\x', null],
  ])('%s → %s', (entry, place) => {
    expect(placeInHome(entry)).toBe(place)
  })

  it.each([
    ['flink-1.20.3/bin/flink', 'bin/flink'],
    ['./flink-1.20.3/lib/a.jar', 'lib/a.jar'],
    ['flink-1.20.3/', null],
    ['flink-1.20.3/../../x', null],
  ])('%s of an official archive → %s', (entry, place) => {
    expect(placeFromTarball(entry)).toBe(place)
  })

  it('never leads out of the home', () => {
    const part = fc.constantFrom('..', '.', '', 'pyflink', 'deps', 'bin', 'a', '\\', '/')
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        for (const place of [placeInHome(parts.join('/')), placeFromTarball(parts.join('/'))]) {
          if (place === null) continue
          expect(place.startsWith('/')).toBe(false)
          expect(place.split('/')).not.toContain('..')
        }
      }),
    )
  })
})
