import { VENDORS } from '../adapters/adapter.ts'
import { card, says, text } from '../cards/build.ts'
import { choiceArg } from './args.ts'
import { command } from './command.ts'
import { onPlatform } from './find.ts'

// One command imports no more than a chat waits for; said again, it goes on behind those who are known.
const MOST = 5_000

const CHOICES = VENDORS.map((vendor) => ({ value: vendor, label: { zh: vendor, en: vendor }, also: [] }))

export const memberImport = command({
  name: ['member', 'import'],
  zh: ['成员', '导入'],
  aliases: [],
  group: 'team',
  summary: {
    zh: '从聊天平台的通讯录导入成员，并绑定账号',
    en: 'make known who is in a chat’s directory, their accounts linked',
  },
  examples: ['/member import feishu', '/成员 导入 dingtalk'],
  needs: 'member:manage',
  args: { vendor: choiceArg({ zh: '平台', en: 'chat' }, CHOICES, { place: 'word', names: ['平台'] }) },
  find: onPlatform('members'),
  async run({ platform, desk, voice }, { args: { vendor }, permit }) {
    const { t } = voice
    const directory = desk.people(vendor)
    if (!directory) return { card: card('warning', t.people.noDirectory(vendor)) }
    const counts = { added: 0, linked: 0, known: 0 }
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof directory.people>> = await directory.people(cursor)
      for (const { id, name, email, staffNumber, active } of page.people) {
        if (!active) continue
        const account = { vendor, externalId: id, displayName: name }
        counts[await platform.access.importPerson(permit, { account, email, staffNumber })]++
      }
      cursor = page.next
    } while (cursor !== null && counts.added + counts.linked + counts.known < MOST)
    return {
      card: card('good', t.people.imported(counts.added, counts.linked), {
        body: [text(counts.known > 0 && t.people.known(counts.known), t.people.importedText)],
        buttons: [says(t.label.members, '/member list')],
      }),
      did: true,
    }
  },
})
