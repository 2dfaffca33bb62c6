import type { Instant } from '../../lib/clock.ts'
import { diagnose, type Language, type RuntimeCause } from '../../platform/platform.ts'
import type { Both } from '../grammar/spec.ts'
import { en, type Texts } from './en.ts'
import { createFormat, type Format } from './format.ts'
import { zh } from './zh.ts'

/** How we speak to one reader now. */
export interface Voice {
  language: Language
  zone: string
  now: Instant
  t: Texts
  f: Format
  /** The one of two texts that this reader reads. */
  pick(both: Both): string
  environment(name: string): string
  team(name: string): string
  /** `prod / team data`, `生产 / 数据组` */
  place(environment: string, team: string): string
  /** A root cause in one line: known ones by what they mean, others as Flink says them. */
  cause(cause: RuntimeCause): string
  /** What usually helps; null when the cause is not a known one. */
  advice(cause: RuntimeCause): string | null
}

export interface Titles {
  environments: ReadonlyMap<string, Both>
  teams: ReadonlyMap<string, string>
}

export interface VoiceDraft {
  language: Language
  zone: string
  now: Instant
  titles: Titles
}

const CATALOGUES: Readonly<Record<Language, Texts>> = { zh, en }
const LONGEST_CAUSE = 140

export function createVoice({ language, zone, now, titles }: VoiceDraft): Voice {
  const t = CATALOGUES[language]
  const pick = (both: Both) => both[language]
  const environment = (name: string) => {
    const title = titles.environments.get(name)
    return title && language === 'zh' ? title.zh : name
  }
  const team = (name: string) => (language === 'zh' ? (titles.teams.get(name) ?? name) : name)
  return {
    language,
    zone,
    now,
    t,
    f: createFormat(language, zone, now),
    pick,
    environment,
    team,
    place: (environmentName, teamName) => t.place(environment(environmentName), team(teamName)),
    cause(cause) {
      const known = diagnose(textOf(cause))
      return known ? pick(known.cause) : asFlinkSays(cause)
    },
    advice(cause) {
      const known = diagnose(textOf(cause))
      return known && pick(known.advice)
    },
  }
}

function textOf({ exception, message, stack }: RuntimeCause): string {
  return [exception, message, stack].join('\n')
}

function asFlinkSays({ exception, message }: RuntimeCause): string {
  const [line = ''] = message.split('\n')
  const name = exception.split('.').at(-1) ?? exception
  const text = line.trim() === '' ? name : `${line.trim()} (${name})`
  return text.length > LONGEST_CAUSE ? `${text.slice(0, LONGEST_CAUSE)}…` : text
}
