import { card, says, text } from '../cards/build.ts'
import { write } from '../grammar/parse.ts'
import { cursorArg, textArg } from './args.ts'
import { type Command, command } from './command.ts'
import { onPlatform } from './find.ts'

const ERROR_LENGTH = 120

export const workList: Command = command({
  name: ['work', 'list'],
  zh: ['任务', '列表'],
  aliases: [['work'], ['任务']],
  group: 'sluice',
  summary: { zh: '任务队列的积压，以及被放弃的任务', en: 'what waits in the queue, and what was given up' },
  examples: ['/work list', '/任务'],
  needs: 'work:view',
  args: { cursor: cursorArg },
  find: onPlatform('work'),
  async run({ platform, voice }, { args: { cursor }, permit }) {
    const { t, f } = voice
    const [depth, dead] = await Promise.all([
      platform.work.depth(),
      platform.work.dead(permit, { cursor, limit: 10 }),
    ])
    const waiting = depth.reduce((sum, kind) => sum + kind.waiting, 0)
    const kinds = depth.map(({ kind, waiting, running, oldestMs }) => [
      kind,
      String(waiting),
      String(running),
      oldestMs === null ? '' : f.duration(oldestMs),
    ])
    const given = dead.items.map(({ id, kind, error, at }) => [
      { text: id, says: `/work replay ${id}` },
      kind,
      f.when(at),
      error.slice(0, ERROR_LENGTH),
    ])
    const more = dead.next === null ? null : write(workList, { cursor: dead.next })
    return {
      card: card(given.length > 0 ? 'warning' : 'neutral', t.work.title(waiting), {
        body: [
          ...(kinds.length > 0
            ? [
                {
                  is: 'table',
                  columns: [t.label.kind, t.label.waiting, t.label.running, t.label.oldest],
                  rows: kinds,
                } as const,
              ]
            : []),
          text(given.length > 0 ? t.work.deadTitle(given.length) : t.work.noneDead),
          ...(given.length > 0
            ? [
                {
                  is: 'table',
                  columns: [t.label.id, t.label.kind, t.label.when, t.label.error],
                  rows: given,
                } as const,
              ]
            : []),
        ],
        buttons: more === null ? [] : [says(t.button.next, more)],
      }),
    }
  },
})

export const workReplay = command({
  name: ['work', 'replay'],
  zh: ['任务', '重跑'],
  aliases: [],
  group: 'sluice',
  summary: { zh: '重新执行被放弃的任务', en: 'run a piece of work again that was given up' },
  examples: [
    '/work replay 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
    '/任务 重跑 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
  ],
  needs: 'work:manage',
  args: { id: textArg({ zh: '编号', en: 'id' }, { place: 'word', names: ['编号'] }) },
  find: onPlatform('work'),
  async run({ platform, voice }, { args: { id }, permit }) {
    const { t } = voice
    const done = await platform.work.replay(permit, id)
    if (done.ok) return { card: card('good', t.work.replayed(id)), did: true }
    const list = says(t.button.show, '/work list')
    return { card: card('warning', t.work.unknown(id), { buttons: [list] }) }
  },
})
