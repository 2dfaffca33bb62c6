import { createEmitter, type Emitter } from '../lib/emitter.ts'
import type { Log } from '../lib/log.ts'
import type { LiveEvent, LiveFeed } from './ports.ts'

/** The feed of one process: whoever publishes reaches every page that is open here. */
export function createLiveFeed(log: Log): LiveFeed {
  return createEmitter<LiveEvent>((error) => log.error({ error }, 'A listener of the live feed broke'))
}

/** What carries short messages between processes: the database's own channel. */
export interface Wire {
  send(payload: string): Promise<void>
  listen(onMessage: (payload: string) => void): Promise<() => Promise<void>>
}

/** Reads again, on the receiving side, what a message only names. */
export interface Look {
  card(id: string): Promise<Extract<LiveEvent, { is: 'card' }> | null>
  utterance(place: { chat: string; seq: string }): Promise<Extract<LiveEvent, { is: 'utterance' }> | null>
  job(name: string): Promise<Extract<LiveEvent, { is: 'job' }> | null>
}

type Note =
  | { is: 'card'; id: string }
  | { is: 'utterance'; chat: string; seq: string }
  | { is: 'job'; name: string }
  | { is: 'signed-out'; memberId: string }

/**
 * The feed of several processes: what one publishes the others hear as ids, small enough for any channel and never
 * telling more than the database would. A lost message costs nothing: pages read again what they follow.
 */
export async function joinLiveFeeds(
  local: LiveFeed,
  { wire, look, node, log }: { wire: Wire; look: Look; node: string; log: Log },
): Promise<{ feed: LiveFeed; stop(): Promise<void> }> {
  // One at a time, so that two edits of a card arrive in their order.
  let arriving: Promise<void> = Promise.resolve()

  const stop = await wire.listen((payload) => {
    const message = readMessage(payload)
    if (!message || message.from === node) return
    arriving = arriving
      .then(async () => {
        const event = await looked(look, message.note)
        if (event) local.publish(event)
      })
      .catch((error: unknown) => log.warn({ error }, 'News from another process could not be read'))
  })

  const feed: Emitter<LiveEvent> = {
    subscribe: local.subscribe,
    publish(event) {
      local.publish(event)
      wire
        .send(JSON.stringify({ from: node, note: noteOf(event) }))
        .catch((error: unknown) => log.warn({ error }, 'News could not be told to other processes'))
    },
  }
  return { feed, stop }
}

function noteOf(event: LiveEvent): Note {
  switch (event.is) {
    case 'card':
      return { is: 'card', id: event.card.id }
    case 'utterance':
      return { is: 'utterance', chat: event.utterance.chat, seq: event.utterance.seq }
    case 'job':
      return { is: 'job', name: event.job.name }
    case 'signed-out':
      return event
  }
}

function looked(look: Look, note: Note): Promise<LiveEvent | null> | LiveEvent {
  switch (note.is) {
    case 'card':
      return look.card(note.id)
    case 'utterance':
      return look.utterance(note)
    case 'job':
      return look.job(note.name)
    case 'signed-out':
      return note
  }
}

/** Null for what an older or newer Sluice on the same database may say. */
function readMessage(payload: string): { from: string; note: Note } | null {
  try {
    // Written by `publish` of a sister process.
    const message = JSON.parse(payload) as { from?: string; note?: Note }
    const known = ['card', 'utterance', 'job', 'signed-out'].includes(message.note?.is ?? '')
    return message.from && message.note && known ? { from: message.from, note: message.note } : null
  } catch {
    return null
  }
}
