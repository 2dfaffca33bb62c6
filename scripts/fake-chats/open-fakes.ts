import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SetupField } from '../../src/bot/adapters/adapter.ts'
import { VENDORS, type Vendor } from '../../src/bot/adapters/adapter.ts'
import type { FakeChat, FakeGroup, FakePerson } from '../../test/fakes/chats/fake-chat.ts'

const ROOT = join(import.meta.dirname, '../..')

export const PEOPLE = [
  { key: 'lin', name: 'Lin', role: 'developer 开发', email: 'lin@example.com', staffNumber: '1001' },
  { key: 'wei', name: 'Wei', role: 'operator 运维', email: 'wei@example.com', staffNumber: '1002' },
  { key: 'mei', name: 'Mei', role: 'lead 负责人', email: 'mei@example.com', staffNumber: '1003' },
  // Whom the demo does not know.
  { key: 'noa', name: 'Noa', role: 'stranger 陌生人', email: 'noa@example.com', staffNumber: '1004' },
] as const
export type PersonKey = (typeof PEOPLE)[number]['key']

const NAMES = {
  feishu: { export: 'Feishu', title: 'Feishu 飞书' },
  dingtalk: { export: 'Dingtalk', title: 'DingTalk 钉钉' },
  wecom: { export: 'Wecom', title: 'WeCom 企业微信' },
  slack: { export: 'Slack', title: 'Slack' },
  email: { export: 'Email', title: 'E-mail 邮件' },
} as const satisfies Record<Vendor, unknown>

export interface Setting {
  name: string
  value: string
  /** Of Sluice itself, not of one vendor. */
  ours?: boolean
}

/** One vendor's fake, with the same people and one group in it. */
export interface OpenChat {
  vendor: Vendor
  title: string
  fake: FakeChat
  people: Readonly<Record<PersonKey, FakePerson>>
  /** Null where the vendor has none that an app stands in. */
  group: FakeGroup | null
  /** What Sluice is started with to reach it. */
  environment: readonly Setting[]
}

export interface OpenedFakes {
  chats: readonly OpenChat[]
  /** Why some are not there, a line each. */
  skipped: readonly string[]
}

/** Starts what there is; `firstPort` 0: any ports. */
export async function openFakes({
  firstPort,
  sluiceUrl,
  vendors = VENDORS,
}: {
  firstPort: number
  sluiceUrl: string
  vendors?: readonly Vendor[]
}): Promise<OpenedFakes> {
  const chats: OpenChat[] = []
  const skipped: string[] = []
  for (const [i, vendor] of vendors.entries()) {
    const start = await starterOf(vendor)
    if (start === null) {
      skipped.push(`${NAMES[vendor].title}: test/fakes/chats/${vendor}.ts is not there yet`)
      continue
    }
    try {
      const port = firstPort === 0 ? 0 : await freePort(firstPort + i)
      chats.push(await peopled(vendor, await start({ port, pace: true }), sluiceUrl))
    } catch (error) {
      skipped.push(
        `${NAMES[vendor].title}: it did not start: ${error instanceof Error ? error.message : error}`,
      )
    }
  }
  return { chats, skipped }
}

type Start = (options: { port: number; pace: boolean }) => Promise<FakeChat>

async function starterOf(vendor: Vendor): Promise<Start | null> {
  const loaded = await load(`test/fakes/chats/${vendor}.ts`)
  // Each exports its own name for the same call.
  const wanted = `startFake${NAMES[vendor].export}`.toLowerCase()
  const [, start] = Object.entries(loaded ?? {}).find(([name]) => name.toLowerCase() === wanted) ?? []
  return typeof start === 'function' ? (start as Start) : null
}

async function load(path: string): Promise<Record<string, unknown> | null> {
  const file = join(ROOT, path)
  return existsSync(file) ? import(pathToFileURL(file).href) : null
}

async function peopled(vendor: Vendor, fake: FakeChat, sluiceUrl: string): Promise<OpenChat> {
  const entries = PEOPLE.map(
    ({ key, name, email, staffNumber }) => [key, fake.person(name, { email, staffNumber })] as const,
  )
  // One entry for each of the keys.
  const people = Object.fromEntries(entries) as Record<PersonKey, FakePerson>
  const group = vendor === 'email' ? null : fake.group('data', Object.values(people))
  // WeCom has no connection that an app opens: it calls.
  if (vendor === 'wecom') fake.callAt(sluiceUrl)
  return {
    vendor,
    title: NAMES[vendor].title,
    fake,
    people,
    group,
    environment: await environmentOf(vendor, fake),
  }
}

async function environmentOf(vendor: Vendor, fake: FakeChat): Promise<Setting[]> {
  const guide = (await load(`src/bot/adapters/${vendor}/guide.ts`))?.[`${vendor.toUpperCase()}_GUIDE`]
  const fields = (guide as { fields: readonly SetupField[] } | undefined)?.fields ?? []
  return Object.entries(fake.setup()).map(([field, value]) => ({
    name: fields.find(({ name }) => name === field)?.env ?? guessed(vendor, field),
    value,
  }))
}

/** All that Sluice is started with. The vendors' directories say who is who, as companies like it. */
export function settingsFor(chats: readonly OpenChat[], sluiceUrl: string): Setting[] {
  const talking = chats.filter(({ group }) => group !== null).map(({ vendor }) => vendor)
  return [
    ...chats.flatMap(({ environment }) => environment),
    { name: 'CHAT_MATCH_PEOPLE', value: talking.join(), ours: true },
    { name: 'PUBLIC_URL', value: sluiceUrl, ours: true },
  ]
}

function guessed(vendor: Vendor, field: string): string {
  return `${vendor}_${field.replaceAll(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase()
}

/** The first one at or after `from` that nobody listens on. */
export async function freePort(from: number): Promise<number> {
  for (let port = from; port < from + 200; port += 10) if (await isFree(port)) return port
  throw new Error(`No port is free at ${from}`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
