import type { Connection } from '../adapters/adapter.ts'
import { card, says, text } from '../cards/build.ts'
import type { Block } from '../cards/card.ts'
import { receiverText } from '../delivery/delivery.ts'
import { write } from '../grammar/parse.ts'
import type { Voice } from '../texts/voice.ts'
import { cursorArg, idArg } from './args.ts'
import { type Command, command, type MemberTurn } from './command.ts'
import { onPlatform } from './find.ts'

export const deliveryList: Command = command({
  name: ['delivery', 'list'],
  zh: ['消息', '列表'],
  aliases: [['delivery'], ['deliveries'], ['消息']],
  group: 'sluice',
  summary: {
    zh: '各个聊天平台是否连通，哪些消息还在路上，哪些没有送达',
    en: 'how the chats are, what is on its way to them, and what did not arrive',
  },
  examples: ['/delivery list', '/消息'],
  needs: 'work:view',
  args: { cursor: cursorArg },
  find: onPlatform('work'),
  async run({ desk, voice }, { args: { cursor } }) {
    const { t, f } = voice
    const [depth, dead] = await Promise.all([
      desk.depth(),
      desk.deliveries({ state: 'dead', cursor, limit: 10 }),
    ])
    const waiting = depth.reduce((sum, each) => sum + each.waiting, 0)
    const vendors = desk.vendors().map(({ vendor, connection }) => {
      const now = depth.find((each) => each.vendor === vendor)
      const oldest = now?.oldestMs ?? null
      return [
        vendor,
        connectionWord(connection, voice),
        String(now?.waiting ?? 0),
        oldest === null ? '' : f.duration(oldest),
      ]
    })
    const lost = dead.items.map(({ id, vendor, receiver, error, createdAt }) => [
      { text: id, says: `/delivery retry ${id}` },
      vendor,
      receiverText(receiver),
      f.when(createdAt),
      error ? `${error.code}: ${error.message}` : '',
    ])
    const more = dead.next === null ? null : write(deliveryList, { cursor: dead.next })
    const total = depth.reduce((sum, each) => sum + each.dead, 0)
    return {
      card: card(total > 0 ? 'warning' : 'neutral', t.delivery.title(waiting), {
        body: [
          ...tableOf([t.label.kind, t.label.state, t.label.waiting, t.label.oldest], vendors),
          text(total > 0 ? t.delivery.dead(total) : t.delivery.noneDead),
          ...tableOf([t.label.id, t.label.kind, t.label.name, t.label.when, t.label.error], lost),
        ],
        buttons: more === null ? [] : [says(t.button.next, more)],
      }),
    }
  },
})

export const deliveryRetry = command({
  name: ['delivery', 'retry'],
  zh: ['消息', '重发'],
  aliases: [],
  group: 'sluice',
  summary: { zh: '重新发送没有送达的消息', en: 'send again what did not arrive' },
  examples: ['/delivery retry dlv_0190a1b2c3d4', '/消息 重发 dlv_0190a1b2c3d4'],
  needs: 'work:manage',
  args: { delivery: idArg('text', { zh: '消息', en: 'delivery' }, 'dlv') },
  find: onPlatform('work'),
  async run({ desk, voice }: MemberTurn, { args: { delivery } }) {
    const { t } = voice
    const done = await desk.retry(delivery)
    if (done === 'waiting') return { card: card('good', t.delivery.retried(delivery)), did: true }
    const title = done === 'unknown' ? t.delivery.unknown(delivery) : t.delivery.notDead(delivery)
    return { card: card('warning', title, { buttons: [says(t.button.show, '/delivery list')] }) }
  },
})

function tableOf(columns: readonly string[], rows: Extract<Block, { is: 'table' }>['rows']): Block[] {
  return rows.length === 0 ? [] : [{ is: 'table', columns, rows }]
}

export function connectionWord(connection: Connection, { t }: Voice): string {
  switch (connection.is) {
    case 'connected':
      return t.delivery.connected
    case 'connecting':
      return t.delivery.connecting(connection.because ?? '')
    case 'waiting-for-calls':
      return t.delivery.waitingForCalls
    case 'outgoing-only':
      return t.delivery.outgoing
    case 'stopped':
      return t.delivery.stopped
  }
}
