import { computed } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { never } from '../../src/lib/never.ts'
import { Spinner, Trouble } from '../parts/basics.tsx'
import type { CardDoes } from '../parts/card.tsx'
import { CardView } from '../parts/card.tsx'
import { Composer } from '../parts/composer.tsx'
import { Icon } from '../parts/icon.tsx'
import { Link } from '../parts/link.tsx'
import { Time } from '../parts/time.tsx'
import type { Item, Pending } from '../rules/thread.ts'
import { itemsOf } from '../rules/thread.ts'
import { dayName, sameDay } from '../rules/when.ts'
import {
  chat,
  chats,
  discard,
  live,
  loadAgain,
  loadOlder,
  opening,
  press,
  reconnect,
  say,
  sayAgain,
  thread,
} from '../state/chat.ts'
import { minuteNow, now } from '../state/now.ts'
import { reader, texts } from '../state/reader.ts'
import type { Utterance } from '../wire.ts'

const items = computed(() => itemsOf(thread.value))
const does: CardDoes = { press, say: (text) => void say(text) }

export function ChatPage() {
  const t = texts.value.chat
  return (
    <div class="chat">
      <h1 class="sr-only" tabIndex={-1}>
        {chat.value?.title ?? t.title}
      </h1>
      <ChatSwitch />
      <ConnectionBanner />
      <Thread key={chat.value?.name ?? ''} />
      {chat.value && <Composer />}
    </div>
  )
}

/** On a phone the side bar is gone, and with it the list of chats. */
function ChatSwitch() {
  const all = chats.value ?? []
  if (all.length < 2) return null
  return (
    <nav class="chat-switch" aria-label={texts.value.nav.chats}>
      {all.map((one) => (
        <Link
          key={one.name}
          href={`/chat/${encodeURIComponent(one.name)}`}
          {...(one.name === chat.value?.name ? { 'aria-current': 'page' as const } : {})}
        >
          {one.title}
        </Link>
      ))}
    </nav>
  )
}

/** Not before a second and a half: a server that restarts should not make the page flicker. */
const PATIENCE_MS = 1500

function ConnectionBanner() {
  const status = live.value
  const [since, setSince] = useState<number | null>(null)
  useEffect(() => {
    if (status.is === 'waiting') setSince((former) => former ?? Date.now())
    else setSince(null)
  }, [status.is])
  if (status.is !== 'waiting' || since === null || now.value - since < PATIENCE_MS) return null
  return (
    <div class="banner" role="status">
      <Icon name="warning" />
      <span>{texts.value.chat.offline(Math.max(0, Math.ceil((status.until - now.value) / 1000)))}</span>
      <button type="button" class="button small" onClick={reconnect}>
        {texts.value.chat.tryNow}
      </button>
    </div>
  )
}

function Thread() {
  const t = texts.value.chat
  const scroll = useSticking(items.value)
  return (
    <div class="thread-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
      <section class="thread" ref={scroll.ref} onScroll={scroll.onScroll} aria-label={t.thread} tabIndex={0}>
        <div class="thread-inner">
          <ThreadBody older={scroll.keepPlace} />
        </div>
      </section>
      {scroll.away && (
        <button type="button" class={`pill ${scroll.unseen ? 'news' : ''}`} onClick={scroll.toEnd}>
          <Icon name="down" />
          {scroll.unseen ? t.below : t.toEnd}
        </button>
      )}
      <Announcer />
    </div>
  )
}

function ThreadBody({ older }: { older: (load: () => Promise<void>) => void }) {
  const t = texts.value.chat
  const status = opening.value
  if (status.is === 'failed') return <Trouble because={status.because} retry={loadAgain} />
  if (status.is === 'loading' && items.value.length === 0) return <Spinner />
  if (chats.value?.length === 0) return <p class="empty">{t.noChats}</p>
  if (items.value.length === 0) return <Beginning />
  return (
    <>
      {thread.value.older !== null && <Older load={() => older(loadOlder)} />}
      {items.value.map((item, index) => (
        <Entry key={item.key} item={item} before={items.value[index - 1] ?? null} />
      ))}
    </>
  )
}

function Older({ load }: { load: () => void }) {
  return (
    <button type="button" class="button quiet older" onClick={load}>
      {texts.value.chat.older}
    </button>
  )
}

function Beginning() {
  const t = texts.value.chat
  return (
    <div class="beginning">
      <img src="/logo.svg" alt="" width={48} height={48} />
      <p>
        <strong>{t.empty}</strong>
      </p>
      <p>{t.emptyHint}</p>
      <div class="buttons">
        {t.starters.map((words) => (
          <button key={words} type="button" class="button plain" onClick={() => void say(words)}>
            <code>{words}</code>
          </button>
        ))}
      </div>
    </div>
  )
}

function Entry({ item, before }: { item: Item; before: Item | null }) {
  const newDay = before === null || !sameDay(before.at, item.at, reader.value)
  return (
    <>
      {newDay && <p class="day">{dayName(item.at, minuteNow.value, reader.value)}</p>}
      <EntryBody item={item} />
    </>
  )
}

function EntryBody({ item }: { item: Item }) {
  switch (item.is) {
    case 'card':
      return <CardView card={item.card} does={does} />
    case 'said':
      return <Bubble said={item.said} />
    case 'pending':
      return <PendingBubble pending={item.pending} />
    default:
      return never(item)
  }
}

function Bubble({ said }: { said: Utterance }) {
  return (
    <div class={`bubble ${said.mine ? 'mine' : 'theirs'}`}>
      <p class="bubble-head">
        <span class={said.mine ? 'sr-only' : 'speaker'}>
          {said.mine ? texts.value.chat.you : said.speaker}
        </span>{' '}
        <Time at={said.at} />
      </p>
      <p class="bubble-text">{said.text}</p>
    </div>
  )
}

function PendingBubble({ pending }: { pending: Pending }) {
  const t = texts.value.chat
  if (pending.state !== 'not-sent') {
    return (
      <div class="bubble mine" aria-busy={pending.state === 'sending'}>
        <p class="bubble-head">{pending.state === 'sending' ? t.sending : <Time at={pending.at} />}</p>
        <p class="bubble-text">{pending.text}</p>
      </div>
    )
  }
  return (
    <div class="bubble mine not-sent" role="alert">
      <p class="bubble-text">{pending.text}</p>
      <p class="bubble-foot">
        <Icon name="warning" /> {t.notSent} {pending.because}
      </p>
      <div class="buttons">
        <button type="button" class="button small" onClick={() => void sayAgain(pending.key)}>
          {t.again}
        </button>
        <button type="button" class="button quiet small" onClick={() => discard(pending.key)}>
          {t.discard}
        </button>
      </div>
    </div>
  )
}

/** Says new and changed titles to screen readers; a log role would read every step of a progress bar. */
function Announcer() {
  const known = useRef<ReadonlyMap<string, string> | null>(null)
  const [words, setWords] = useState('')
  useEffect(() => {
    const cards = [...thread.value.cards.values()]
    const titles = new Map(cards.map((card) => [card.id, card.card.title]))
    const former = known.current
    known.current = titles
    if (former === null || former.size === 0) return
    const news = cards.filter((card) => former.get(card.id) !== card.card.title)
    if (news.length > 0 && news.length < 5) setWords(news.map((card) => card.card.title).join('. '))
  }, [thread.value.cards])
  return (
    <div class="sr-only" aria-live="polite">
      {words}
    </div>
  )
}

const NEAR_PX = 80

/** Follows the end of the thread unless the reader scrolled up; then it says that there is more below. */
function useSticking(shown: readonly Item[]) {
  const ref = useRef<HTMLElement>(null)
  const stuck = useRef(true)
  const [away, setAway] = useState(false)
  const [unseen, setUnseen] = useState(false)
  const last = shown.at(-1)
  const lastKey = last?.key ?? ''

  const toEnd = () => {
    const box = ref.current
    stuck.current = true
    setAway(false)
    setUnseen(false)
    if (box) box.scrollTop = box.scrollHeight
  }
  const onScroll = () => {
    const box = ref.current
    if (!box) return
    stuck.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX
    setAway(!stuck.current)
    if (stuck.current) setUnseen(false)
  }
  useLayoutEffect(() => {
    // One's own words are always looked at.
    if (stuck.current || last?.is === 'pending') toEnd()
    else setUnseen(true)
  }, [lastKey])
  useEffect(() => {
    const box = ref.current
    const inner = box?.firstElementChild
    if (!box || !inner) return
    // Cards grow by edits, the box shrinks under a phone's keyboard: the end stays in sight all the same.
    const watcher = new ResizeObserver(() => {
      if (stuck.current) box.scrollTop = box.scrollHeight
    })
    watcher.observe(inner)
    watcher.observe(box)
    return () => watcher.disconnect()
  }, [])
  /** What comes in above must not push away what is being read. */
  const keepPlace = (load: () => Promise<void>) => {
    const box = ref.current
    if (!box) return
    const fromEnd = box.scrollHeight - box.scrollTop
    stuck.current = false
    void load().then(() =>
      requestAnimationFrame(() => {
        box.scrollTop = box.scrollHeight - fromEnd
      }),
    )
  }
  return { ref, onScroll, toEnd, away, unseen, keepPlace }
}
