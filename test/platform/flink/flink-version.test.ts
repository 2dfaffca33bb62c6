import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compareFlinkVersions,
  type FlinkVersion,
  flinkFeatures,
  minorOf,
  parseFlinkVersion,
  vendorOf,
} from '../../../src/platform/flink/flink-version.ts'

function version(text: string): FlinkVersion {
  const parsed = parseFlinkVersion(text)
  if (!parsed) throw new Error(`${text} did not parse`)
  return parsed
}

describe('a Flink version', () => {
  it.each([
    ['1.20.3', 1, 20, 3, null],
    ['1.14.0-csa1.7.0.0', 1, 14, 0, 'csa1.7.0.0'],
    ['1.13.2-csadh1.5.1.0', 1, 13, 2, 'csadh1.5.1.0'],
    ['2.3.0', 2, 3, 0, null],
    ['1.20', 1, 20, 0, null],
    ['2.0-preview1', 2, 0, 0, 'preview1'],
    ['1.21-SNAPSHOT', 1, 21, 0, 'SNAPSHOT'],
    ['1.15.2.vvr-6.0.7', 1, 15, 2, 'vvr-6.0.7'],
    [' v1.19.1 ', 1, 19, 1, null],
  ])('reads %s', (text, major, minor, patch, vendor) => {
    expect(parseFlinkVersion(text)).toMatchObject({ major, minor, patch, vendor })
  })

  it.each([
    '',
    '1',
    'flink',
    '1.x',
    '1.20.',
    '1..2',
    '1.20.3-',
    '1.20.3/../..',
    '1.20.3 4',
  ])('refuses %j', (text) => {
    expect(parseFlinkVersion(text)).toBeNull()
  })

  it('keeps the text of what it read', () => {
    const part = fc.integer({ min: 0, max: 9999 })
    fc.assert(
      fc.property(
        part,
        part,
        part,
        fc.option(fc.stringMatching(/^[a-z][a-z0-9]{0,5}(\.[a-z0-9]{1,4}){0,3}$/)),
        (a, b, c, vendor) => {
          const text = `${a}.${b}.${c}${vendor ? `-${vendor}` : ''}`
          expect(parseFlinkVersion(text)).toEqual({ major: a, minor: b, patch: c, vendor, text })
        },
      ),
    )
  })
})

describe('the order of versions', () => {
  it('goes by numbers, then vendor builds after the release they were made from', () => {
    const ordered = ['1.9.3', '1.14.0', '1.14.0-csa1.9.0', '1.14.0-csa1.10.0', '1.14.6', '1.20.3', '2.0.0']

    const shuffled = [3, 6, 0, 5, 1, 4, 2].map((i) => version(ordered[i] ?? ''))

    expect(shuffled.sort(compareFlinkVersions).map((v) => v.text)).toEqual(ordered)
  })

  it('is antisymmetric and transitive', () => {
    const any = fc
      .tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.constantFrom('', '-a1', '-a10', '-b', '-1'))
      .map(([a, b, c, v]) => version(`${a}.${b}.${c}${v}`))
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        expect(Math.sign(compareFlinkVersions(a, b))).toBe(-Math.sign(compareFlinkVersions(b, a)) + 0)
        if (compareFlinkVersions(a, b) <= 0 && compareFlinkVersions(b, c) <= 0) {
          expect(compareFlinkVersions(a, c)).toBeLessThanOrEqual(0)
        }
      }),
    )
  })
})

describe('features by version', () => {
  it.each([
    ['1.14.6', 'flink-conf.yaml', 'env.java.opts', 20],
    ['1.14.0-csa1.7.0.0', 'flink-conf.yaml', 'env.java.opts', 20],
    ['1.17.2', 'flink-conf.yaml', 'env.java.opts', 20],
    ['1.18.1', 'flink-conf.yaml', 'env.java.opts.all', 20],
    ['1.19.1', 'config.yaml', 'env.java.opts.all', 20],
    ['1.20.3', 'config.yaml', 'env.java.opts.all', 20],
    ['2.0.0', 'config.yaml', 'env.java.opts.all', 19],
    ['2.3.0', 'config.yaml', 'env.java.opts.all', 19],
  ])('%s reads %s and takes Java options from %s', (text, configFile, javaOptionsKey, count) => {
    const features = flinkFeatures(version(text))

    expect(features).toMatchObject({ configFile, javaOptionsKey })
    expect(features.javaOptions).toHaveLength(count)
  })

  it.each([
    ['1.14.6', 8, 17],
    ['1.20.3', 8, 23],
    ['2.3.0', 11, 23],
  ])('%s runs on Java %i to %i', (text, from, to) => {
    expect(flinkFeatures(version(text)).java).toEqual({ from, to })
  })

  it.each([
    ['1.20.3', 'Apache'],
    ['1.14.0-csa1.7.0.0', 'Cloudera'],
    ['1.15.2-vvr-6.0.7', 'Ververica'],
    ['1.20.0-inhouse', null],
  ])('%s comes from %s', (text, vendor) => {
    expect(vendorOf(version(text))).toBe(vendor)
  })

  it('names the minor version that connectors are made for', () => {
    expect(minorOf(version('1.14.0-csa1.7.0.0'))).toBe('1.14')
  })
})
