import { card, says, text } from '../cards/build.ts'
import { incidentTitle } from '../cards/incident-card.ts'
import { write } from '../grammar/parse.ts'
import { cursorArg } from './args.ts'
import { type Command, command } from './command.ts'
import { findTeamScope } from './scope.ts'

export const incidentList: Command = command({
  name: ['incident', 'list'],
  zh: ['问题', '列表'],
  aliases: [['incidents'], ['incident'], ['问题'], ['告警']],
  group: 'op',
  summary: { zh: '现在有哪些问题', en: 'what is wrong now' },
  examples: ['/incident list', '/incidents', '/问题'],
  needs: 'job:view',
  args: { cursor: cursorArg },
  find: (turn) => findTeamScope(turn, {}),
  async run({ platform, voice, by }, { args: { cursor } }) {
    const { t, f } = voice
    const { items, next } = await platform.incidents.list(by, { state: 'open', cursor, limit: 15 })
    if (items.length === 0)
      return { card: card('good', t.incident.listTitle(0), { body: [text(t.incident.allWell)] }) }
    const rows = items.map((incident) => [
      { text: incidentTitle(incident, voice), says: `/incident show ${incident.id}` },
      f.when(incident.openedAt),
      incident.acked ? incident.acked.by : '',
    ])
    return {
      card: card('bad', t.incident.listTitle(items.length), {
        body: [{ is: 'table', columns: [t.label.what, t.label.since, t.label.by], rows }],
        buttons: next === null ? [] : [says(t.button.next, write(incidentList, { cursor: next }))],
      }),
    }
  },
})
