import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../../src/lib/clock.ts'
import { type DirectoryLock, lockDirectory } from '../../../src/platform/storage/directory-lock.file.ts'
import { until } from '../../support/until.ts'

const NOBODY = 2 ** 22 + 1

describe('the lock of the embedded directory', () => {
  let directory: string
  let held: DirectoryLock[] = []
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-lock-'))
  })
  afterEach(async () => {
    await Promise.all(held.map((lock) => lock.release()))
    held = []
    rmSync(directory, { recursive: true, force: true })
  })

  async function lock(clock: Clock = neverWaits, onLost = () => {}, beat = 2_000): Promise<DirectoryLock> {
    const taken = await lockDirectory(directory, { clock, onLost, beat })
    held.push(taken)
    return taken
  }

  const file = () => join(directory, 'lock')
  const ownerNow = () => JSON.parse(readFileSync(file(), 'utf8'))
  const leave = (owner: object) =>
    writeFileSync(file(), JSON.stringify({ token: 't', began: null, ...owner }))

  it('is one process alone, and says who has it', async () => {
    await lock()

    await expect(lock()).rejects.toMatchObject({ code: 'directory-in-use', facts: { pid: process.pid } })
  })

  it('is free again once it was released', async () => {
    await (await lock()).release()

    await lock()
  })

  it('is taken over at once from a process of this machine that is gone', async () => {
    await (await lock()).release()
    const machine = await machineHere()
    leave({ pid: NOBODY, machine })

    await lock(mustNotWait)

    expect(ownerNow()).toMatchObject({ pid: process.pid })
  })

  it.runIf(process.platform === 'linux')(
    'is not fooled by a process that got the number of the dead one',
    async () => {
      const machine = await machineHere()
      leave({ pid: process.pid, machine, began: '1' })

      await lock(mustNotWait)
    },
  )

  it('stays with an owner elsewhere that shows life, such as another container on the same volume', async () => {
    leave({ pid: 1, machine: 'elsewhere' })
    const beats: Clock = {
      now: Date.now,
      sleep: async () => utimesSync(file(), new Date(), new Date(Date.now() + 5_000)),
    }

    await expect(lock(beats)).rejects.toMatchObject({ code: 'directory-in-use', facts: { pid: 1 } })
    expect(ownerNow()).toMatchObject({ machine: 'elsewhere' })
  })

  it.each([
    [
      'elsewhere that shows no life',
      JSON.stringify({ token: 't', pid: 1, machine: 'elsewhere', began: null }),
    ],
    ['that died while it wrote its name', '{"token":"t'],
  ])('is taken over from an owner %s', async (_, text) => {
    writeFileSync(file(), text)

    await lock()

    expect(ownerNow()).toMatchObject({ pid: process.pid })
  })

  it('tells its holder when somebody else has taken the directory', async () => {
    let lost = false
    await lock(
      systemClock,
      () => {
        lost = true
      },
      5,
    )
    leave({ pid: 1, machine: 'elsewhere', token: 'other' })

    await until(() => lost)
    await held.pop()?.release()

    expect(ownerNow()).toMatchObject({ token: 'other' })
  })

  async function machineHere(): Promise<string> {
    const taken = await lockDirectory(directory, { clock: neverWaits, onLost: () => {} })
    const { machine } = ownerNow()
    await taken.release()
    return machine
  }
})

const neverWaits: Clock = { now: Date.now, sleep: async () => {} }
const mustNotWait: Clock = {
  now: Date.now,
  sleep: () => Promise.reject(new Error('It waited although it could know.')),
}
