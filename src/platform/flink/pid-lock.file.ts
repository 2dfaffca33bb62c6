import { open, readFile, rm } from 'node:fs/promises'

/** Either we hold the lock now, or a living process does. */
export type LockResult = { readonly held: true } | { readonly held: false; readonly by: number }

/** A lock between processes of this machine: a file with the holder's pid. A killed holder's lock is taken over. */
export async function takePidLock(path: string): Promise<LockResult> {
  const holder = await tryLock(path)
  if (holder === null) return { held: true }
  if (isAlive(holder)) return { held: false, by: holder }
  // Removed once; whoever creates it anew has the lock.
  await rm(path, { force: true })
  const other = await tryLock(path)
  return other === null ? { held: true } : { held: false, by: other }
}

export async function freePidLock(path: string): Promise<void> {
  await rm(path, { force: true })
}

async function tryLock(path: string): Promise<number | null> {
  try {
    const file = await open(path, 'wx')
    await file.writeFile(String(process.pid)).finally(() => file.close())
    return null
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'EEXIST') throw e
    return Number(await readFile(path, 'utf8').catch(() => '0'))
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM'
  }
}
