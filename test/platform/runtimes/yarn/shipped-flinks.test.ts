import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { shippedFlinks } from '../../../../src/platform/runtimes/yarn/flink-files.file.ts'
import { fakeFlinkHome } from '../../../fakes/fake-flink-home.ts'

describe('the Flink that is shipped', () => {
  let directory: string
  let homes: Record<string, { home: string; confDir: string | null }>
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-homes-'))
    homes = {}
    for (const name of ['a', 'b']) homes[name] = { home: join(directory, name), confDir: null }
    for (const { home } of Object.values(homes)) await fakeFlinkHome(home)
    await writeFile(join(directory, 'b/lib/own.jar'), 'of b alone')
  })
  afterEach(() => rm(directory, { recursive: true }))

  const registered = {
    byName: async (name: string) => homes[name] ?? null,
    byId: async (id: string) => homes[id.replace('id_', '')] ?? null,
  }
  const shipped = shippedFlinks()

  async function keysOf(wanted: { name: string | null; orId: string | null }): Promise<string[]> {
    const answer = await shipped(registered, wanted)
    if (!answer.ok) throw new Error(answer.because)
    return (await answer.flink.files()).files.map(({ key }) => key)
  }

  it('is what the release names, and that of the cluster where it names none', async () => {
    expect(await keysOf({ name: 'b', orId: 'id_a' })).toContain('lib/own.jar')
    expect(await keysOf({ name: null, orId: 'id_a' })).toEqual(['lib/flink-dist-1.20.3.jar'])
  })

  it.each([
    [{ name: 'gone', orId: 'id_a' }, 'Flink version gone is not registered'],
    [{ name: null, orId: 'id_gone' }, 'the Flink version of the cluster is not registered'],
    [{ name: null, orId: null }, 'the Flink version of the cluster is not registered'],
  ])('is never another than the wanted one: %j', async (wanted, because) => {
    expect(await shipped(registered, wanted)).toEqual({ ok: false, because })
  })

  it('is refused with the reason where its home is broken', async () => {
    await rm(join(directory, 'a/lib'), { recursive: true })

    expect(await shipped(registered, { name: 'a', orId: null })).toEqual({
      ok: false,
      because: expect.stringContaining('has no lib directory'),
    })
  })

  it('is another bundle once a file in its home changed', async () => {
    const wanted = { name: 'b', orId: null }
    const digestNow = async () => {
      const answer = await shipped(registered, wanted)
      return answer.ok && (await answer.flink.files()).digest
    }
    const before = await digestNow()
    expect(await digestNow()).toBe(before)

    await writeFile(join(directory, 'b/lib/own.jar'), 'something longer than before')

    expect(await digestNow()).not.toBe(before)
  })
})
