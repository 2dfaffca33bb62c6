import type { By, IncidentView } from '../../platform/platform.ts'
import { card, says, text } from '../cards/build.ts'
import { incidentTitle } from '../cards/incident-card.ts'
import { command, type MemberTurn } from './command.ts'
import { onPlatform } from './find.ts'
import { findIncident } from './find-incident.ts'

const PAGE = 100
const MOST = 1_000

export const incidentAckAll = command({
  name: ['incident', 'ack-all'],
  zh: ['问题', '全部认领'],
  aliases: [['ack-all'], ['全部认领']],
  group: 'op',
  summary: {
    zh: '认领你能处理的所有未认领问题',
    en: 'take every incident that nobody has taken and that is yours to take',
  },
  examples: ['/incident ack-all', '/全部认领'],
  needs: 'team:view',
  args: {},
  find: onPlatform('incidents'),
  async run(turn) {
    const { voice, by } = turn
    const { t } = voice
    const waiting = await triggered(turn, by)
    const taken: IncidentView[] = []
    // One after the other: each is decided, and written down, by itself.
    for (const incident of waiting) if (await take(turn, incident)) taken.push(incident)
    const left = waiting.length - taken.length
    if (taken.length === 0)
      return { card: card('neutral', left === 0 ? t.incident.allTaken : t.incident.noneYours(left)) }
    const lines = taken.slice(0, 10).map((incident) => `· ${incidentTitle(incident, voice)}`)
    return {
      card: card('good', t.incident.ackedAll(taken.length), {
        body: [
          text(
            ...lines,
            taken.length > 10 && t.incident.andMore(taken.length - 10),
            left > 0 && t.incident.noneYours(left),
          ),
        ],
        buttons: [says(t.button.incidents, '/incident list')],
      }),
      did: true,
    }
  },
})

async function triggered({ platform }: MemberTurn, by: By): Promise<readonly IncidentView[]> {
  const all: IncidentView[] = []
  let cursor: string | undefined
  do {
    const page = await platform.incidents.list(by, {
      ...{ state: 'triggered', limit: PAGE },
      ...(cursor !== undefined && { cursor }),
    })
    all.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined && all.length < MOST)
  return all
}

async function take(turn: MemberTurn, { id, generation }: IncidentView): Promise<boolean> {
  const { platform, by } = turn
  const target = await findIncident(turn, { incident: id })
  if (!target.ok || !turn.may('incident:acknowledge', target.subject)) return false
  const asked = await platform.access.permit(by, 'incident:acknowledge', target.subject)
  return asked.ok && (await platform.incidents.acknowledge(asked.permit, id, generation)).ok
}
