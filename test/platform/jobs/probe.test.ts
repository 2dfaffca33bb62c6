import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Source, source, sourcesBelow } from '../../support/source-tree.ts'

/** What is built and shipped is `src`, file by file. */
const shipped = sourcesBelow(join(import.meta.dirname, '../../..'), ['src'])

const opensApp = ({ code }: Source) =>
  /\bopen(App|Core)\(/.test(code) && !/function open(App|Core)\(/.test(code)
const handsInProbe = (one: Source) => opensApp(one) && /probe/i.test(one.code)
const killsItself = ({ code }: Source) => /\bkill\(\s*process\.pid/.test(code)

describe('a server that dies at a named point', () => {
  it('cannot be had from what is shipped: nobody there hands in a probe', () => {
    expect(shipped.filter(opensApp).map(({ path }) => path)).not.toEqual([])
    expect(shipped.filter(handsInProbe).map(({ path }) => path)).toEqual([])
    // app.ts itself only passes on what it was given.
    const app = shipped.find(({ path }) => path === 'src/app.ts')?.code ?? ''
    expect(app.match(/probe\??[: ][^\n]*/g)).toEqual(['probe?: Probe', 'probe && { probe: options.probe }),'])
  })

  it('cannot be asked for by a setting', () => {
    const settings = shipped.filter(({ path }) => path.startsWith('src/settings'))
    expect(settings.filter(({ code }) => /probe|crash/i.test(code))).toEqual([])
  })

  it('needs code that kills its own process, of which there is none', () => {
    expect(shipped.filter(killsItself).map(({ path }) => path)).toEqual([])
  })

  it('would be found out', () => {
    const planted = source(
      'src/cli/x.cli.ts',
      "const app = await openApp({ settings, probe })\nprocess.kill(process.pid, 'SIGKILL')",
    )
    expect([handsInProbe(planted), killsItself(planted)]).toEqual([true, true])
  })
})
