import { countBy, type Storm } from '../storms/storm.ts'
import type { Voice } from '../texts/voice.ts'
import { card, says, text } from './build.ts'
import type { Card } from './card.ts'

const MOST_NAMED = 8

/** One card for many: what, where, whose, and which of it is P0. */
export function stormCard(storm: Storm, voice: Voice): Card {
  const { t, f } = voice
  const { folded, since } = storm
  if (since === null) {
    return card('neutral', t.storm.over, { buttons: [says(t.button.incidents, '/incident list')] })
  }
  const gravest = folded.filter(({ tier }) => tier === 'P0').map(({ name }) => name)
  const named = gravest.slice(0, MOST_NAMED)
  const list = (by: 'cluster' | 'team') =>
    countBy(folded, by)
      .slice(0, MOST_NAMED)
      .map(([name, count]) => `${name} ${count}`)
      .join(' · ')
  return card('bad', t.storm.title(folded.length), {
    subtitle: [t.incident.since(f.when(since), f.age(since))],
    body: [
      text(
        list('cluster') && t.storm.clusters(list('cluster')),
        list('team') && t.storm.teams(list('team')),
        gravest.length > 0 && t.storm.gravest(gravest.length, t.and(named)),
        t.storm.folded,
      ),
    ],
    buttons: [
      says(t.button.ackAll, '/incident ack-all', { style: 'primary' }),
      says(t.button.incidents, '/incident list'),
    ],
  })
}
