import type { ChatAdapter, Finding } from '../bot/adapters/adapter.ts'
import type { Both } from '../bot/grammar/spec.ts'
import type { Instant } from '../lib/clock.ts'

/** When something was last said and tapped there. */
export interface LastHeard {
  said: Instant | null
  pressed: Instant | null
}

/** What says whether events come in, which nothing can tell before the chat is open. */
const OF_CONNECTION = new Set(['events', 'sending', 'robot'])

/** What an adapter that was opened for a look alone could find out. */
export function whileClosed(found: readonly Finding[]): readonly Finding[] {
  const known = found.filter(({ of, is }) => is === 'ok' || !OF_CONNECTION.has(of))
  return known.length === found.length ? known : [...known, NOT_CONNECTED]
}

const NOT_CONNECTED: Finding = {
  of: 'events',
  is: 'warn',
  says: {
    zh: '还不知道消息能否收到：现在没有连接',
    en: 'Whether messages come in is not known: nothing is connected',
  },
  cure: {
    zh: '保存并让 Sluice 带着这些设置运行，然后再检查一次',
    en: 'Save, let Sluice run with these settings, and check again',
  },
}

const SENDING = 'sending'

/** What the adapter found, and whether words and taps come in: it knows since the start, we know for longer. */
export function withHeard(
  found: readonly Finding[],
  { connection, abilities }: Pick<ChatAdapter, 'connection' | 'abilities'>,
  { last, now }: { last: LastHeard; now: Instant },
): readonly Finding[] {
  const hears = connection().is !== 'outgoing-only'
  // Where nothing came in, the vendor's own cure is the better one.
  const own = last.said === null ? found.find(({ of, is }) => of === SENDING && is !== 'ok') : undefined
  return [
    ...found.filter(({ of }) => of !== SENDING),
    ...(hears ? [own ?? saidFinding(last.said, now)] : []),
    ...(abilities.buttons > 0 ? [tapFinding(last.pressed, now)] : []),
  ]
}

function saidFinding(said: Instant | null, now: Instant): Finding {
  const of = 'heard'
  if (said !== null) {
    const ago = agoOf(now - said)
    return { of, is: 'ok', says: { zh: `${ago.zh}收到过一句话`, en: `Words came in ${ago.en}` }, cure: null }
  }
  return {
    of,
    is: 'warn',
    says: {
      zh: '最近两天没有人对 Sluice 说过话',
      en: 'Nobody said anything to Sluice there in the last two days',
    },
    cure: {
      zh: '在那边给 Sluice 发一句 /help。没有回应时，核对指南里收消息的权限和事件',
      en: 'Send /help to Sluice there. If it stays silent, compare the permissions and events of the guide',
    },
  }
}

function tapFinding(pressed: Instant | null, now: Instant): Finding {
  const of = 'taps'
  if (pressed !== null) {
    const ago = agoOf(now - pressed)
    return {
      of,
      is: 'ok',
      says: { zh: `${ago.zh}有人点过按钮`, en: `A button was pressed ${ago.en}` },
      cure: null,
    }
  }
  return {
    of,
    is: 'warn',
    says: { zh: '最近两天没有人点过按钮', en: 'No button was pressed there in the last two days' },
    cure: {
      zh: '发一张测试卡片，点上面的按钮',
      en: 'Send a test card, and press its button',
    },
  }
}

export const NO_ANSWER = (ms: number): Finding => ({
  of: 'answer',
  is: 'fail',
  says: { zh: `${ms / 1000} 秒内没有查完`, en: `The look was not over within ${ms / 1000} s` },
  cure: {
    zh: '检查本机到该平台的网络、代理和防火墙',
    en: 'Check the network, proxy and firewall between this machine and the vendor',
  },
})

const MINUTE = 60_000
const HOUR = 60 * MINUTE

function agoOf(ms: number): Both {
  if (ms < MINUTE) return { zh: '刚刚', en: 'just now' }
  if (ms < 2 * HOUR) {
    const minutes = Math.floor(ms / MINUTE)
    return { zh: `${minutes} 分钟前`, en: `${minutes} min ago` }
  }
  const hours = Math.floor(ms / HOUR)
  return { zh: `${hours} 小时前`, en: `${hours} h ago` }
}
