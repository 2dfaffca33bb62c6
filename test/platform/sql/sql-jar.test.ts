import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { unzipSync, zipSync } from 'fflate'
import { expect, it } from 'vitest'
import { SQL_ENTRY_CLASS, scriptOfJar, sqlJar } from '../../../src/platform/sql/sql-jar.ts'

const RUNNER = readFileSync(new URL('../../../runner/sluice-sql-runner.jar', import.meta.url))

it('carries the runner unchanged and the script beside it', () => {
  const entries = unzipSync(sqlJar(RUNNER, 'INSERT INTO t SELECT 1'))

  expect(Object.keys(entries)[0]).toBe('META-INF/MANIFEST.MF')
  expect(entries['sluice/SqlRunner.class']).toEqual(unzipSync(RUNNER)['sluice/SqlRunner.class'])
  expect(new TextDecoder().decode(entries['sluice/job.sql'])).toBe('INSERT INTO t SELECT 1')
})

it('names as entry class what the shipped manifest names', () => {
  const manifest = new TextDecoder().decode(unzipSync(RUNNER)['META-INF/MANIFEST.MF'])

  expect(manifest).toContain(`Main-Class: ${SQL_ENTRY_CLASS}\r\n`)
})

it('gives the same bytes for the same script, in every time zone and at every time', () => {
  const first = sqlJar(RUNNER, 'INSERT INTO t SELECT 1')
  const zone = process.env.TZ
  process.env.TZ = 'Asia/Shanghai'

  const second = sqlJar(RUNNER, 'INSERT INTO t SELECT 1')

  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
  expect(Buffer.from(second).equals(Buffer.from(first))).toBe(true)
})

it('gives every script back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (script) => {
      expect(scriptOfJar(sqlJar(RUNNER, script))).toBe(script)
    }),
  )
})

it('replaces the script of a jar that had one', () => {
  expect(scriptOfJar(sqlJar(sqlJar(RUNNER, 'old'), 'new'))).toBe('new')
})

it('finds no script in a foreign jar, and refuses to build on one', () => {
  const foreign = zipSync({ 'a.txt': new Uint8Array([1]) })

  expect(scriptOfJar(foreign)).toBeNull()
  expect(() => sqlJar(foreign, 'x')).toThrow('sluice/SqlRunner.class')
})
