import { postmortemOf } from '../../platform/platform.ts'
import { card, says, to } from '../cards/build.ts'
import { incidentTitle } from '../cards/incident-card.ts'
import { command } from './command.ts'
import { findIncident, incidentArg, incidentRefusal } from './find-incident.ts'
import { eventWords } from './incident-timeline.ts'

export const incidentPostmortem = command({
  name: ['incident', 'postmortem'],
  zh: ['问题', '复盘'],
  aliases: [['postmortem'], ['复盘']],
  group: 'op',
  summary: {
    zh: '复盘文档的开头（Markdown）：已知的写好，待查的列出',
    en: 'the beginning of a postmortem in Markdown: what is known, and what is to be found out',
  },
  examples: ['/incident postmortem inc_k3x9q2m4n7pa', '/复盘 inc_k3x9q2m4n7pa'],
  needs: 'job:view',
  args: { incident: incidentArg },
  find: findIncident,
  async run({ platform, voice }, { found }) {
    const { t } = voice
    const { id } = found.incident
    const timeline = await platform.incidents.timeline(id)
    if (!timeline) return incidentRefusal(id, 'unknown', voice)
    const title = incidentTitle(timeline.incident, voice)
    const { language, zone } = voice
    const markdown = postmortemOf(timeline, {
      ...{ language, zone, title },
      sayEvent: (event) => eventWords(event, voice),
    })
    return {
      card: card('neutral', t.timeline.postmortem(title), {
        body: [{ is: 'code', text: markdown, rest: 0 }],
        buttons: [says(t.button.show, to('incident show', id))],
      }),
    }
  },
})
