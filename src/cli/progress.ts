import type { InstallProgress } from '../platform/flink/flink-install.http.ts'
import type { Context, Language } from './cli.ts'
import { columnsOf } from './help.ts'

const BAR = 20

/** Tells how an installation goes: one line that is redrawn on a screen, else a line for every tenth part. */
export function installReporter({ language, screen, err }: Pick<Context, 'language' | 'screen' | 'err'>): {
  tell(progress: InstallProgress): void
  end(): void
} {
  let step = ''
  let tenth = -1
  let drawn = false

  function begin(next: string): boolean {
    if (step === next) return false
    step = next
    tenth = -1
    return true
  }

  return {
    tell(progress) {
      const isNew = begin(`${progress.step} ${'file' in progress ? progress.file : ''}`)
      if (screen) {
        if (isNew && drawn) screen.rewrite('')
        screen.rewrite(fitting(lineOf(progress, language, true), screen.columns))
        drawn = true
        return
      }
      const part = tenthOf(progress)
      if (!isNew && part <= tenth) return
      tenth = part
      err(lineOf(progress, language, false))
    },
    end() {
      if (screen && drawn) screen.rewrite('')
    },
  }
}

function tenthOf(progress: InstallProgress): number {
  if (progress.step !== 'download' || !progress.total) return 0
  return Math.floor((10 * progress.bytes) / progress.total)
}

function lineOf(progress: InstallProgress, language: Language, withBar: boolean): string {
  switch (progress.step) {
    case 'index':
      return language === 'zh' ? '正在查询软件包索引 …' : 'Asking the package index …'
    case 'unpack':
      return language === 'zh' ? `正在解压 ${progress.file} …` : `Unpacking ${progress.file} …`
    case 'finish':
      return language === 'zh' ? '正在检查 …' : 'Looking at the result …'
    case 'download':
      return downloadLine(progress, language, withBar)
  }
}

function downloadLine(
  { file, bytes, total }: InstallProgress & { step: 'download' },
  language: Language,
  withBar: boolean,
): string {
  const size = total === null ? sizeText(bytes) : `${sizeText(bytes)} / ${sizeText(total)}`
  const percent = total ? ` ${Math.floor((100 * bytes) / total)} %` : ''
  const bar = withBar && total ? ` ${barOf(bytes / total)}` : ''
  return `${language === 'zh' ? '下载' : 'Downloading'} ${file}${bar}${percent} (${size})`
}

export function sizeText(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`
}

function barOf(part: number): string {
  const full = Math.min(BAR, Math.round(part * BAR))
  return '▓'.repeat(full) + '░'.repeat(BAR - full)
}

/** A line that wraps cannot be redrawn. */
function fitting(line: string, columns: number): string {
  let room = columns - 1
  let kept = ''
  for (const char of line) {
    room -= columnsOf(char)
    if (room < 0) break
    kept += char
  }
  return kept
}
