import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SavedState, StateFiles } from './simulated-cluster.ts'

/** Savepoints as small files with Flink's layout: a directory and `_metadata` in it. */
export function diskStateFiles(archiveDirectory: string | null): StateFiles {
  return {
    write(path, state) {
      const directory = onDisk(path)
      mkdirSync(directory, { recursive: true })
      writeFileSync(join(directory, '_metadata'), JSON.stringify(state))
    },
    remove: (path) => rmSync(onDisk(path), { recursive: true, force: true }),
    read(path) {
      const directory = onDisk(path).replace(/\/_metadata$/, '')
      const text = readIfThere(join(directory, '_metadata'))
      return text === null ? null : (JSON.parse(text) as SavedState)
    },
    controlFile: readIfThere,
    archive(jobId, content) {
      if (archiveDirectory === null) return
      mkdirSync(archiveDirectory, { recursive: true })
      writeFileSync(join(archiveDirectory, jobId), content)
    },
  }
}

/** Savepoints that last as long as the simulator. */
export function memoryStateFiles(): StateFiles {
  const states = new Map<string, SavedState>()
  const key = (path: string) => onDisk(path).replace(/\/_metadata$/, '')
  return {
    write: (path, state) => void states.set(key(path), state),
    remove: (path) => void states.delete(key(path)),
    read: (path) => states.get(key(path)) ?? null,
    controlFile: readIfThere,
    archive() {},
  }
}

function onDisk(path: string): string {
  return path.replace(/^file:\/*/, '/').replace(/\/+$/, '')
}

function readIfThere(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}
