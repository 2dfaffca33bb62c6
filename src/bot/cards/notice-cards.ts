import type { IncidentView, OnCallNow, SilenceView, SwapView } from '../../platform/platform.ts'
import type { Voice } from '../texts/voice.ts'
import { card, says, text, to } from './build.ts'
import type { Card } from './card.ts'
import { incidentTitle } from './incident-card.ts'

/** To who took it, before the acknowledgement ends. */
export function ackEndsCard(incident: IncidentView, voice: Voice): Card {
  const { t, f } = voice
  const until = incident.acked?.until ?? null
  return card('warning', t.notice.ackEnds(incidentTitle(incident, voice)), {
    body: [text(until === null ? null : t.notice.ackEndsText(f.when(until)))],
    buttons: [
      says(t.button.stillOnIt, to('incident still', incident.id), { style: 'primary' }),
      says(t.button.giveBack, to('incident unack', incident.id)),
      says(t.button.show, to('incident show', incident.id)),
    ],
  })
}

/** Where a silence was asked for, before it ends. */
export function silenceEndsCard(silence: SilenceView, hidden: number, voice: Voice): Card {
  const { t, f } = voice
  return card('warning', t.silence.ends(silenceName(silence), f.when(silence.endsAt)), {
    body: [text(hidden === 0 ? t.silence.hidesNothing : t.silence.endsHiding(hidden))],
    buttons: [
      says(t.silence.extend, to('silence extend', silence.id, '2h')),
      says(t.silence.endNow, to('silence end', silence.id)),
    ],
  })
}

/** `orders-*`, or the matchers where they say more than a job's name. */
export function silenceName({ matchers }: Pick<SilenceView, 'matchers'>): string {
  const [only] = matchers
  if (only?.name === 'job' && only.op === '=' && matchers.length <= 2) return only.value
  return matchers.map(({ name, op, value }) => `${name}${op}${JSON.stringify(value)}`).join(' ')
}

/** To a team's chats when a shift begins. */
export function handoffCard(
  { now, before, open }: { now: OnCallNow; before: readonly string[]; open: readonly IncidentView[] },
  voice: Voice,
): Card {
  const { t, f } = voice
  const names = now.members.map(({ displayName }) => displayName)
  const title =
    names.length === 0 ? t.onCall.nobodyNow(now.schedule) : t.onCall.handoff(t.and(names), now.schedule)
  return card(names.length === 0 ? 'bad' : 'neutral', title, {
    subtitle: [now.until === null ? null : t.onCall.until(f.when(now.until))].filter((each) => each !== null),
    body: [
      text(
        before.length > 0 && t.onCall.before(t.and(before)),
        open.length === 0 ? t.onCall.nothingOpen : t.onCall.open(open.length),
        ...open.slice(0, 5).map((incident) => `· ${incidentTitle(incident, voice)}`),
      ),
    ],
    buttons: [
      says(t.button.show, to('oncall show', now.schedule)),
      says(t.button.incidents, '/incident list'),
    ],
  })
}

/** Days before nobody would be on call. */
export function gapCard(
  { schedule, from, to: until }: { schedule: string; from: number; to: number },
  voice: Voice,
): Card {
  const { t, f } = voice
  return card('warning', t.onCall.gap(schedule, f.fullWhen(from)), {
    body: [text(t.onCall.gapText(f.fullWhen(from), f.fullWhen(until)))],
    buttons: [says(t.button.show, to('oncall show', schedule))],
  })
}

export function swapCard(swap: SwapView, voice: Voice): Card {
  const { t, f } = voice
  const { askedBy, asked, schedule, from, to: until, back, state } = swap
  const span = (one: { from: number; to: number }) => t.onCall.span(f.fullWhen(one.from), f.fullWhen(one.to))
  const title = {
    asked: t.onCall.swapAsked(askedBy.displayName, asked.displayName),
    agreed: t.onCall.swapAgreed(asked.displayName),
    refused: t.onCall.swapRefused(asked.displayName),
    withdrawn: t.onCall.swapWithdrawn(askedBy.displayName),
  }[state]
  return card(state === 'asked' ? 'warning' : state === 'agreed' ? 'good' : 'neutral', title, {
    subtitle: [schedule],
    body: [
      text(
        t.onCall.swapGives(asked.displayName, span({ from, to: until })),
        back && t.onCall.swapGives(askedBy.displayName, span(back)),
      ),
    ],
    buttons:
      state === 'asked'
        ? [
            says(t.onCall.agree, to('oncall swap agree', swap.id), { style: 'primary' }),
            says(t.onCall.refuse, to('oncall swap refuse', swap.id)),
          ]
        : [],
  })
}
