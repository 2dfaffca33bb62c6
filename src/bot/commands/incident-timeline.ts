import type { IncidentEvent } from '../../platform/platform.ts'
import { card, says, text, to } from '../cards/build.ts'
import { incidentTitle } from '../cards/incident-card.ts'
import type { Voice } from '../texts/voice.ts'
import { command } from './command.ts'
import { findIncident, incidentArg, incidentRefusal } from './find-incident.ts'

const MOST = 30

export const incidentTimeline = command({
  name: ['incident', 'timeline'],
  zh: ['问题', '经过'],
  aliases: [['timeline'], ['经过']],
  group: 'op',
  summary: {
    zh: '一个问题的经过：谁、何时、做了什么、通知了谁',
    en: 'what happened to an incident: who, when, who was told',
  },
  examples: ['/incident timeline inc_k3x9q2m4n7pa', '/问题 经过 inc_k3x9q2m4n7pa'],
  needs: 'job:view',
  args: { incident: incidentArg },
  find: findIncident,
  async run({ platform, voice }, { found }) {
    const { t } = voice
    const timeline = await platform.incidents.timeline(found.incident.id)
    if (!timeline) return incidentRefusal(found.incident.id, 'unknown', voice)
    const lines = timeline.events.slice(-MOST).map((event) => eventLine(event, voice))
    return {
      card: card('neutral', t.timeline.title(incidentTitle(timeline.incident, voice)), {
        body: [text(...lines)],
        buttons: [says(t.button.show, to('incident show', found.incident.id))],
      }),
    }
  },
})

/** `14:02 Lin took it` */
export function eventLine(event: IncidentEvent, voice: Voice): string {
  return [voice.f.fullWhen(event.at), event.actor, eventWords(event, voice)].filter(Boolean).join(' ')
}

/** `took it` */
export function eventWords({ kind, detail }: IncidentEvent, { t }: Voice): string {
  const words = t.timeline.event
  const said = kind in words ? words[kind as keyof typeof words] : kind
  const what =
    kind === 'tier' ? detail.to : (detail.whom ?? detail.text ?? (kind === 'assigned' ? detail.to : null))
  return [said, what].filter((part) => typeof part === 'string' && part !== '').join(' ')
}
