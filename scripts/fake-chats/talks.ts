import type { Acknowledged, FakePerson, SeenMessage } from '../../test/fakes/chats/fake-chat.ts'
import { drawMessage } from './draw.ts'
import { at, drawField, escaped, lines, list, text } from './html.ts'
import { type OpenChat, PEOPLE, type PersonKey } from './open-fakes.ts'

/** What one line of a chat is on the page. */
export interface Line {
  key: string
  at: number
  html: string
}

export type Place = 'direct' | 'group'

export interface Said {
  id: string
  by: PersonKey
  place: Place
  text: string
  at: number
  /** False: nobody took it in time. Null: on its way. */
  heard: boolean | null
}

/** One vendor's chat with what people said in it, which the fakes do not keep. */
export interface Talk {
  chat: OpenChat
  lines(by: PersonKey, place: Place): Line[]
  /** Grows with everything that changes. */
  mark(): string
  say(by: PersonKey, place: Place, words: string): Promise<Acknowledged>
  press(by: PersonKey, message: string, label: string): Promise<Acknowledged>
  send(by: PersonKey, message: string, values: Readonly<Record<string, string>>): Promise<Acknowledged>
  /** The window that a button opened, as fields; null: none, or it was shown already. */
  window(by: PersonKey): string | null
}

export function createTalk(chat: OpenChat, now: () => number = Date.now): Talk {
  const said: Said[] = []
  const drawn = new Map<string, { mark: string; html: string }>()
  const shownWindows = new Set<string>()

  function isIn(message: SeenMessage, by: FakePerson, place: Place): boolean {
    const inGroup = message.chat === chat.group?.id
    const forAll = message.onlyFor.length === 0 || message.onlyFor.includes(by.id)
    return forAll && (place === 'group') === inGroup
  }

  function messageLine(message: SeenMessage): Line {
    const mark = markOf(message)
    const key = `${message.chat}/${message.id}`
    const known = drawn.get(key)
    const html = known?.mark === mark ? known.html : drawMessage(message, chat.vendor)
    drawn.set(key, { mark, html })
    return { key, at: message.at, html }
  }

  function messagesFor(by: PersonKey, place: Place): readonly SeenMessage[] {
    const person = chat.people[by]
    const where = place === 'group' ? { chat: chat.group?.id ?? 'none' } : { person }
    return chat.fake.messages(where).filter((message) => isIn(message, person, place))
  }

  function found(message: string): SeenMessage {
    const one = chat.fake.messages().find(({ id }) => id === message)
    if (!one) throw new Error('That message is gone')
    return one
  }

  return {
    chat,
    lines(by, place) {
      const own = said.filter((one) => one.place === place && (place === 'group' || one.by === by))
      return [...messagesFor(by, place).map(messageLine), ...own.map((one) => saidLine(one, by))].sort(
        (a, b) => a.at - b.at,
      )
    },
    mark() {
      const messages = chat.fake.messages().map((one) => `${one.id}${markOf(one)}`)
      return JSON.stringify([messages, said.map(({ heard }) => heard), chat.fake.counts])
    },
    async say(by, place, words) {
      const one: Said = { id: `said_${said.length}`, by, place, text: words, at: now(), heard: null }
      said.push(one)
      try {
        const where = place === 'group' && chat.group ? { in: chat.group } : {}
        const answer = await chat.people[by].say(words, where)
        one.heard = answer.ok
        return answer
      } catch (error) {
        one.heard = false
        throw error
      }
    },
    press: async (by, message, label) => chat.people[by].press(found(message), label),
    send: async (by, message, values) => chat.people[by].send(found(message), values),
    window(by) {
      const open = openWindow(chat, by)
      if (open === null || shownWindows.has(open.id)) return null
      shownWindows.add(open.id)
      return open.fields
    },
  }
}

function markOf(message: SeenMessage): string {
  return JSON.stringify([message.edits, message.urged, message.onlyFor, message.raw])
}

function saidLine({ id, by, text: words, at: time, heard }: Said, reader: PersonKey): Line {
  const name = PEOPLE.find(({ key }) => key === by)?.name ?? by
  const note = heard === false ? '<span class="unheard">not heard 未送达</span>' : ''
  const whose = by === reader ? 'own' : 'other'
  const html = `<div class="said ${whose}"><b>${escaped(name)}</b><p class="words">${lines(words)}</p>${note}</div>`
  return { key: id, at: time, html }
}

/** Slack opens a window of its own for a form. */
function openWindow({ fake, people }: OpenChat, by: PersonKey): { id: string; fields: string } | null {
  const views = list(at('world' in fake ? fake.world : null, 'views'))
  const open = views.findLast((one) => at(one, 'person') === people[by].id && at(one, 'sent') !== true)
  if (open === undefined) return null
  const fields = list(at(open, 'view', 'blocks'))
    .map(windowField)
    .join('')
  return { id: text(at(open, 'id')), fields }
}

function windowField(block: unknown): string {
  const element = at(block, 'element')
  const options = list(at(element, 'options'))
  return drawField({
    name: text(at(block, 'block_id')).replace(/^field:/, ''),
    label: text(at(block, 'label', 'text')),
    value: text(at(element, 'initial_value')) || text(at(element, 'initial_option', 'value')),
    choices:
      options.length === 0
        ? null
        : options.map((one) => ({ value: text(at(one, 'value')), label: text(at(one, 'text', 'text')) })),
    required: at(block, 'optional') !== true,
    multiline: at(element, 'multiline') === true,
    placeholder: text(at(element, 'placeholder', 'text')),
  })
}
