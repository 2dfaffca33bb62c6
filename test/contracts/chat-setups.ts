import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { randomIds } from '../../src/lib/ids.ts'
import { silentLog } from '../../src/lib/log.ts'
import { createSeal } from '../../src/lib/seal.ts'
import { createAccess } from '../../src/platform/access/create-access.prisma.ts'
import { seedAccess } from '../../src/platform/access/seed-access.prisma.ts'
import { auditLog } from '../../src/platform/audit/audit-log.prisma.ts'
import { createChatSetups } from '../../src/platform/chats/chat-setups.prisma.ts'
import type { ChatSetupsApi } from '../../src/platform/platform.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { steeredClock } from '../fakes/steered-clock.ts'
import { until } from '../support/until.ts'

export interface ChatSetupsHarness {
  database: Database
  clear(): Promise<void>
  close(): Promise<void>
}

const SECRET = 'a secret that is long enough for tests'
const FEISHU = { vendor: 'feishu', fields: { appId: 'cli_1', appSecret: 'the-app-secret' } }

/** What setups of chats promise on either database. */
export function chatSetupsContract(name: string, open: () => Promise<ChatSetupsHarness>): void {
  describe(`setups of chats (${name})`, () => {
    const clock = steeredClock()
    let harness: ChatSetupsHarness
    let setups: ChatSetupsApi

    const keptUnder = (secret: string) =>
      createChatSetups({
        ...{ database: harness.database, audit: auditLog, clock },
        seal: createSeal(secret, 'chat setups'),
      })
    async function permitted() {
      const access = createAccess({ database: harness.database, clock, ids: randomIds, log: silentLog })
      return access.permitSluice('chat:manage', { of: 'platform', what: 'chats' }, 'req_1')
    }
    const rows = (table: string) => harness.database.sql(`SELECT * FROM "${table}"`)

    beforeEach(async () => {
      harness ??= await open()
      await harness.clear()
      await seedAccess(harness.database)
      setups = keptUnder(SECRET)
    })
    afterAll(() => harness?.close())

    it('are read as they were saved, with who saved them and when', async () => {
      const saved = await setups.save(await permitted(), FEISHU)

      expect(saved).toMatchObject({ ...FEISHU, revision: 1, updatedBy: 'Sluice', updatedAt: clock.now() })
      expect(await setups.list()).toEqual([saved])
    })

    it('rest sealed', async () => {
      await setups.save(await permitted(), FEISHU)

      const resting = JSON.stringify(await rows('ChatSetup'))
      expect(resting).toContain('feishu')
      expect(resting).not.toMatch(/cli_1|app-secret|appSecret/)
    })

    it('count their revision with every change, one for each vendor', async () => {
      const permit = await permitted()
      await setups.save(permit, FEISHU)
      await setups.save(permit, { vendor: 'slack', fields: { botToken: 'xoxb-1' } })
      await setups.save(permit, { ...FEISHU, fields: { ...FEISHU.fields, appSecret: 'another' } })

      expect((await setups.list()).map(({ vendor, revision }) => [vendor, revision])).toEqual([
        ['feishu', 2],
        ['slack', 1],
      ])
      expect((await setups.list())[0]?.fields).toEqual({ appId: 'cli_1', appSecret: 'another' })
    })

    it('lose no revision when two save at once', async () => {
      const permit = await permitted()
      const both = await Promise.all([1, 2, 3].map(() => setups.save(permit, FEISHU)))

      expect(both.map(({ revision }) => revision).sort()).toEqual([1, 2, 3])
    })

    it('stand in the audit by the names of their fields, and never by what stands in them', async () => {
      const permit = await permitted()
      await setups.save(permit, FEISHU)
      await setups.remove(permit, 'feishu')

      const entries = (await rows('AuditEntry')).slice(-2)
      expect(entries).toMatchObject([
        {
          verb: 'chat:manage',
          subject: 'chat feishu',
          after: { revision: 1, fields: ['appId', 'appSecret'] },
        },
        { verb: 'chat:manage', subject: 'chat feishu', before: { vendor: 'feishu' } },
      ])
      const written = JSON.stringify(entries, (_, value) =>
        typeof value === 'bigint' ? String(value) : value,
      )
      expect(written).not.toMatch(/cli_1|app-secret/)
    })

    it('are removed once', async () => {
      const permit = await permitted()
      await setups.save(permit, FEISHU)

      expect(await setups.remove(permit, 'feishu')).toBe(true)
      expect(await setups.remove(permit, 'feishu')).toBe(false)
      expect(await setups.list()).toEqual([])
    })

    it('tell who listens of every change, wherever it was made, until it listens no more', async () => {
      let heard = 0
      const stop = await setups.onChange(() => heard++)
      const permit = await permitted()
      await keptUnder(SECRET).save(permit, FEISHU)
      await until(() => heard === 1)
      await setups.remove(permit, 'feishu')
      await until(() => heard === 2)
      await setups.remove(permit, 'feishu')
      await stop()
      await setups.save(permit, FEISHU)
      await new Promise((resolve) => setImmediate(resolve))

      expect(heard).toBe(2)
    })

    it('that cannot be read any more are empty, and take nothing from the others', async () => {
      const permit = await permitted()
      await setups.save(permit, FEISHU)
      const later = keptUnder('another secret that is long enough')
      await later.save(permit, { vendor: 'slack', fields: { botToken: 'xoxb-1' } })

      expect((await later.list()).map(({ vendor, fields }) => [vendor, fields])).toEqual([
        ['feishu', {}],
        ['slack', { botToken: 'xoxb-1' }],
      ])
    })
  })
}
