import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { randomIds } from '../../../src/lib/ids.ts'
import { silentLog } from '../../../src/lib/log.ts'
import { type Database, openDatabase } from '../../../src/platform/storage/database.prisma.ts'
import { openWorkQueue } from '../../../src/platform/work/work.pgboss.ts'
import { kill, startWorkProcess } from '../../support/child.ts'
import { until } from '../../support/until.ts'

describe('an embedded database whose process was killed', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-crash-'))
  const place = { is: 'embedded', directory } as const
  let child: ChildProcess
  let database: Database | null = null
  beforeAll(async () => {
    child = await startWorkProcess(place)
  }, 90_000)
  afterAll(async () => {
    await kill(child)
    await database?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it('refuses a second process, and names the first', async () => {
    await expect(openDatabase(place, silentLog)).rejects.toMatchObject({
      code: 'directory-in-use',
      facts: { pid: child.pid },
    })
  })

  it('opens at once after the kill, and takes up the work that was begun', async () => {
    await kill(child)

    database = await openDatabase(place, silentLog)
    const queue = await openWorkQueue({
      database,
      clock: systemClock,
      ids: randomIds,
      random: Math.random,
      log: silentLog,
    })
    const tries: number[] = []
    const handle = async (_: unknown, context: { try: number }) => {
      tries.push(context.try)
    }
    await queue.start({
      show: handle,
      'run-operation': handle,
      'expire-approval': handle,
      'restart-by-policy': handle,
      tell: handle,
    })
    await until(() => tries.length === 1)
    await queue.stop(1_000)

    expect(tries).toEqual([2])
  })
})
