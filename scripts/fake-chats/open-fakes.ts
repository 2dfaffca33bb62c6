import { createServer } from 'node:net'
import { VENDORS, type Vendor } from '../../src/bot/adapters/adapter.ts'
import type { FakeChat, FakeGroup, FakePerson } from '../../test/fakes/chats/fake-chat.ts'
import { environmentOf, START_FAKE } from '../../test/fakes/chats/start.ts'

export const PEOPLE = [
  { key: 'lin', name: 'Lin', role: 'developer 开发', email: 'lin@example.com', staffNumber: '1001' },
  { key: 'wei', name: 'Wei', role: 'operator 运维', email: 'wei@example.com', staffNumber: '1002' },
  { key: 'mei', name: 'Mei', role: 'lead 负责人', email: 'mei@example.com', staffNumber: '1003' },
  // Whom the demo does not know.
  { key: 'noa', name: 'Noa', role: 'stranger 陌生人', email: 'noa@example.com', staffNumber: '1004' },
] as const
export type PersonKey = (typeof PEOPLE)[number]['key']

const TITLES: Readonly<Record<Vendor, string>> = {
  feishu: 'Feishu 飞书',
  dingtalk: 'DingTalk 钉钉',
  wecom: 'WeCom 企业微信',
  slack: 'Slack',
  email: 'E-mail 邮件',
}

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

/** Starts what there is; `firstPort` 0: any ports. `pace` false: as fast as one likes. */
export async function openFakes({
  firstPort,
  sluiceUrl,
  vendors = VENDORS,
  pace = true,
}: {
  firstPort: number
  sluiceUrl: string
  vendors?: readonly Vendor[]
  pace?: boolean
}): Promise<OpenedFakes> {
  const chats: OpenChat[] = []
  const skipped: string[] = []
  for (const [i, vendor] of vendors.entries()) {
    try {
      const port = firstPort === 0 ? 0 : await freePort(firstPort + i)
      chats.push(peopled(vendor, await START_FAKE[vendor]({ port, pace }), sluiceUrl))
    } catch (error) {
      skipped.push(`${TITLES[vendor]}: it did not start: ${error instanceof Error ? error.message : error}`)
    }
  }
  return { chats, skipped }
}

function peopled(vendor: Vendor, fake: FakeChat, sluiceUrl: string): OpenChat {
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
    title: TITLES[vendor],
    fake,
    people,
    group,
    environment: Object.entries(environmentOf(vendor, fake)).map(([name, value]) => ({ name, value })),
  }
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
