import type { ClusterView, Subject, TeamId } from '../../platform/platform.ts'
import { card, sandboxFooter, says, text, to } from '../cards/build.ts'
import { nameArg } from './args.ts'
import { command, type MemberTurn, type Target } from './command.ts'
import { draftOf, jobRefusalCard, releaseArgs } from './draft.ts'

interface Place {
  team: string
  cluster: ClusterView
}

/** A job is created for a team in the environment of its cluster. */
async function findPlace(
  { platform, voice }: MemberTurn,
  { team, cluster }: { team: string; cluster: string },
): Promise<Target<Place>> {
  const { t } = voice
  const [ofTeam, ofCluster] = await Promise.all([platform.access.team(team), platform.clusters.find(cluster)])
  if (!ofTeam.ok)
    return { ok: false, unknown: { arg: 'team', title: t.team.unknown(team), near: ofTeam.near } }
  if (!ofCluster.ok) {
    return {
      ok: false,
      unknown: { arg: 'cluster', title: t.say.unknownCluster(cluster), near: ofCluster.near },
    }
  }
  const environment = ofCluster.value.environment
  // The platform gave this id out as a team's.
  const subject: Subject = { of: 'team', team: ofTeam.value.id as TeamId, environment, job: null }
  return { ok: true, subject, found: { team: ofTeam.value.name, cluster: ofCluster.value } }
}

export const jobCreate = command({
  name: ['job', 'create'],
  zh: ['作业', '新建'],
  aliases: [
    ['job', 'add'],
    ['作业', '创建'],
  ],
  group: 'job',
  summary: { zh: '新建作业，连同第一个版本', en: 'make a job with its first release' },
  examples: [
    '/job create orders-cdc team=data cluster=session-a sql="CREATE TABLE …; INSERT INTO …"',
    '/job create counter team=data cluster=session-a jar=3f9a class=com.acme.Counter parallelism=2',
    '/作业 新建 orders-cdc 团队=data 集群=session-a 脚本="……"',
  ],
  needs: 'job:create',
  args: {
    name: nameArg('text', { zh: '作业名', en: 'name' }),
    team: nameArg('team', { zh: '团队', en: 'team' }, { place: 'named', ofChat: true }),
    cluster: nameArg('cluster', { zh: '集群', en: 'cluster' }, { place: 'named', words: ['on'] }),
    ...releaseArgs,
  },
  find: findPlace,
  async run(turn, { args, found, permit }) {
    const { name } = args
    const { t } = turn.voice
    const release = draftOf(args)
    const made = await turn.platform.jobs.create(permit, {
      name,
      team: found.team,
      cluster: found.cluster.name,
      kind: release.program?.is ?? 'sql',
      release,
    })
    if (!made.ok) {
      const asked = { name, team: found.team, cluster: found.cluster.name, values: args }
      return { card: jobRefusalCard(made.why, asked, turn) }
    }
    const { job } = made.value
    return {
      card: card('good', t.job.created(job.name), {
        subtitle: [turn.voice.place(job.environment, job.team.name)],
        body: [text(t.job.createdText(made.value.release.number, job.cluster.name))],
        buttons: [
          says(t.button.start, to('job start', job.name), { style: 'primary', changes: job }),
          says(t.button.show, to('job show', job.name)),
        ],
        footer: sandboxFooter(turn.voice, job.cluster.sandbox),
      }),
      did: true,
    }
  },
})
