import type { Digest, DigestFacts, DigestIncident } from '../../platform/platform.ts'
import type { Voice } from '../texts/voice.ts'
import { card, facts, says, text, to } from './build.ts'
import type { Block, Button, Card } from './card.ts'

const LEAST_SPANS = 86_400_000 * 1.5

/** A phone's screen of the day; the rest stands behind a button. `png` null: no picture can be drawn. */
export function digestCard(digest: Digest, png: string | null, voice: Voice): Card {
  const { t, f } = voice
  const { facts: known } = digest
  const { jobs, incidents, noisy } = known
  const isWell = jobs.failing.length === 0 && incidents.open === 0
  return card(isWell ? 'good' : 'warning', titleOf(digest, voice), {
    subtitle: [
      t.digest.running(jobs.running),
      ...(jobs.stopped > 0 ? [t.digest.stopped(jobs.stopped)] : []),
      ...(jobs.failing.length > 0 ? [t.digest.failing(jobs.failing.length)] : []),
    ],
    body: [
      text(
        [incidentsLine(known, voice), restartsLine(known, voice), slowestLine(known, voice)]
          .filter((each) => each !== null)
          .join(' · '),
        ...failingLines(known, voice),
        ...noisy.slice(0, 1).map((noise) => t.digest.noisy(noise.rule, noise.job, noise.times, noise.acted)),
        onCallLine(known, voice),
      ),
      ...pictureOf(png, t.digest.chart),
    ],
    buttons: [says(t.digest.details, to('digest show', digest.id)), ...limitButtons(known, voice)],
    footer: [t.digest.span(f.fullWhen(known.from), f.fullWhen(known.to))],
  })
}

export function pictureOf(png: string | null, alt: string): readonly Block[] {
  return png === null ? [] : [{ is: 'picture', alt, png }]
}

function titleOf({ facts: { team, from, to: end }, date }: Digest, { t, f }: Voice): string {
  return end - from > LEAST_SPANS ? t.digest.week(team, f.day(date)) : t.digest.day(team, f.day(date))
}

function incidentsLine({ incidents }: DigestFacts, { t, f }: Voice): string {
  if (incidents.count === 0) return t.digest.noIncidents
  const change = incidents.count - incidents.before.count
  const answered = incidents.answeredMs === null ? null : t.digest.answered(f.duration(incidents.answeredMs))
  const solved = incidents.solvedMs === null ? null : t.digest.solved(f.duration(incidents.solvedMs))
  return t.digest.incidents(
    incidents.count,
    change,
    [answered, solved].filter((each) => each !== null),
  )
}

function restartsLine({ restarts }: DigestFacts, { t }: Voice): string | null {
  const count = restarts.asked + restarts.byPolicy
  return count === 0 ? null : t.digest.restarts(count, restarts.failed.length)
}

function slowestLine({ slowest }: DigestFacts, { t, f }: Voice): string | null {
  const [worst] = slowest
  if (!worst) return null
  const times = worst.usualMs > 0 ? Math.round(worst.longestMs / worst.usualMs) : 1
  return t.digest.slowest(worst.job, f.duration(worst.longestMs), times)
}

function failingLines({ jobs }: DigestFacts, voice: Voice): readonly string[] {
  return jobs.failing.slice(0, 3).map(({ name, cause }) => failingLine(name, cause, voice))
}

function failingLine(name: string, cause: DigestFacts['jobs']['failing'][number]['cause'], voice: Voice) {
  return voice.t.digest.failingJob(name, cause ? voice.cause(cause) : null)
}

function onCallLine({ onCall }: DigestFacts, { t }: Voice): string | null {
  if (!onCall.isPlanned) return null
  return onCall.tomorrow.length === 0 ? t.digest.nobodyTomorrow : t.digest.tomorrow(t.and(onCall.tomorrow))
}

/** A limit above what nobody acted on, one tap away. */
function limitButtons({ noisy }: DigestFacts, { t }: Voice): readonly Button[] {
  return noisy.flatMap(({ rule, job, suggestion }) =>
    suggestion === null
      ? []
      : [says(t.digest.raise(job, suggestion), to('rule limit', rule, suggestion, job))],
  )
}

// --- all of it ----------------------------------------------------------------------------------------------------

export function digestDetailsCard(digest: Digest, voice: Voice): Card {
  const { t, f } = voice
  const { facts: known } = digest
  const { jobs, incidents, restarts, changes, noisy, slowest, expiring, onCall } = known
  const lines = (...all: readonly string[]) => (all.length === 0 ? null : all.join('\n'))
  return card('neutral', titleOf(digest, voice), {
    subtitle: [t.digest.span(f.fullWhen(known.from), f.fullWhen(known.to))],
    body: facts(
      [
        t.digest.part.failing,
        lines(...jobs.failing.map(({ name, cause }) => failingLine(name, cause, voice))),
      ],
      [
        t.digest.part.incidents,
        lines(incidentsLine(known, voice), ...incidents.gravest.map((each) => incidentLine(each, voice))),
      ],
      [t.digest.part.open, incidents.open === 0 ? null : String(incidents.open)],
      [
        t.digest.part.restarts,
        restarts.asked + restarts.byPolicy === 0
          ? null
          : lines(
              t.digest.restartsBy(restarts.asked, restarts.byPolicy),
              ...(restarts.failed.length > 0 ? [t.digest.notBack(t.and(restarts.failed))] : []),
            ),
      ],
      [
        t.digest.part.changes,
        lines(
          ...changes.map(({ job, verb, from, to: into, by, at }) =>
            t.digest.change(job, { verb, from, to: into, by, when: f.when(at) }),
          ),
        ),
      ],
      [
        t.digest.part.noisy,
        lines(...noisy.map(({ rule, job, times, acted }) => t.digest.noisy(rule, job, times, acted))),
      ],
      [
        t.digest.part.slowest,
        lines(
          ...slowest.map(({ job, longestMs, usualMs }) =>
            t.digest.slow(job, f.duration(longestMs), f.duration(usualMs)),
          ),
        ),
      ],
      [
        t.digest.part.tokens,
        lines(...expiring.tokens.map(({ name, owner, at }) => t.digest.token(name, owner, f.when(at)))),
      ],
      [
        t.digest.part.savepoints,
        lines(...expiring.savepoints.map(({ job, at }) => t.digest.oldState(job, f.age(at)))),
      ],
      [
        t.digest.part.onCall,
        onCall.isPlanned
          ? lines(
              t.digest.today(namesOr(onCall.now, voice)),
              t.digest.tomorrow(namesOr(onCall.tomorrow, voice)),
            )
          : null,
      ],
    ),
    buttons: limitButtons(known, voice),
  })
}

function namesOr(names: readonly string[], { t }: Voice): string {
  return names.length === 0 ? t.onCall.nobody : t.and(names)
}

function incidentLine({ kind, name, tier, cause, openedAt, lastedMs }: DigestIncident, voice: Voice): string {
  const { t, f } = voice
  const title = t.incident.title[kind](name, cause && voice.cause(cause))
  return t.digest.incident(
    t.tier[tier],
    title,
    f.when(openedAt),
    lastedMs === null ? null : f.duration(lastedMs),
  )
}
