import { describe, expect, it } from 'vitest'
import { columnsOf } from '../../src/cli/help.ts'
import { installReporter } from '../../src/cli/progress.ts'

const FILE = 'apache_flink_libraries-1.20.3.tar.gz'
const TOTAL = 232_000_000

function download(reporter: ReturnType<typeof installReporter>, steps: number): void {
  reporter.tell({ step: 'index' })
  for (let i = 0; i <= steps; i++) {
    reporter.tell({ step: 'download', file: FILE, bytes: (TOTAL * i) / steps, total: TOTAL })
  }
  reporter.tell({ step: 'unpack', file: FILE })
  reporter.end()
}

describe('the progress of an installation', () => {
  it('is a line for every tenth part where nobody watches', () => {
    const lines: string[] = []

    download(installReporter({ language: 'en', screen: null, err: (line) => lines.push(line) }), 1000)

    expect(lines).toHaveLength(1 + 11 + 1)
    expect(lines[6]).toBe(`Downloading ${FILE} 50 % (116 MB / 232 MB)`)
  })

  it('is one line that is drawn anew on a screen, and never wraps', () => {
    const drawn: string[] = []
    const screen = { columns: 40, rewrite: (line: string) => void drawn.push(line) }

    download(installReporter({ language: 'zh', screen, err: () => expect.unreachable() }), 100)

    expect(Math.max(...drawn.map(columnsOf))).toBeLessThan(40)
    expect(drawn.at(-1)).toBe('')
  })

  it('tells the size alone where nobody knows the whole', () => {
    const lines: string[] = []
    const reporter = installReporter({ language: 'zh', screen: null, err: (line) => lines.push(line) })

    reporter.tell({ step: 'download', file: FILE, bytes: 5_300_000, total: null })

    expect(lines).toEqual([`下载 ${FILE} (5.3 MB)`])
  })
})
