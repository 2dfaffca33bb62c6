import { numberArg, optional } from './args.ts'
import { command } from './command.ts'
import { findIncident, incidentArg, incidentRefusal, incidentReply } from './find-incident.ts'

export const incidentShow = command({
  name: ['incident', 'show'],
  zh: ['问题', '查看'],
  aliases: [],
  group: 'op',
  summary: { zh: '一个问题的情况', en: 'one incident' },
  examples: ['/incident show inc_k3x9q2m4n7pa', '/问题 查看 inc_k3x9q2m4n7pa'],
  needs: 'job:view',
  args: { incident: incidentArg },
  find: findIncident,
  run: async ({ voice }, { found }) => incidentReply(found, voice),
})

export const incidentAck = command({
  name: ['incident', 'ack'],
  zh: ['问题', '认领'],
  aliases: [['ack'], ['认领']],
  group: 'op',
  summary: { zh: '认领一个问题：我来处理', en: 'say that you are on it' },
  examples: ['/incident ack inc_k3x9q2m4n7pa', '/认领 inc_k3x9q2m4n7pa'],
  needs: 'incident:acknowledge',
  args: {
    incident: incidentArg,
    generation: optional(
      numberArg({ zh: '第几次', en: 'generation' }, { min: 1, max: 1_000_000_000 }, { place: 'named' }),
    ),
  },
  find: findIncident,
  async run({ platform, voice }, { args: { generation }, found, permit }) {
    const { incident } = found
    const done = await platform.incidents.acknowledge(permit, incident.id, generation ?? incident.generation)
    if (!done.ok) return incidentRefusal(incident.id, done.why, voice)
    return { ...incidentReply({ ...found, incident: done.value }, voice), did: true }
  },
})
