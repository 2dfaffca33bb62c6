import type { FlinkJobId, Job, Permit } from '../../platform/platform.ts'
import { card, sandboxFooter, says, text, to } from '../cards/build.ts'
import { jobArg, optional, reasonArg, releaseArg, textArg } from './args.ts'
import { command, type MemberTurn, type Reply } from './command.ts'
import { findJob } from './find.ts'
import { operate } from './operate.ts'

export const jobAdopt = command({
  name: ['job', 'adopt'],
  zh: ['作业', '接管'],
  aliases: [['adopt'], ['接管']],
  group: 'job',
  summary: {
    zh: '接管集群上已经在运行的作业；不写编号时列出可接管的',
    en: 'take over a job that runs already; without its id, see which there are',
  },
  examples: [
    '/job adopt orders-cdc',
    '/job adopt orders-cdc 5a1c2d3e4f5061728394a5b6c7d8e9f0',
    '/作业 接管 orders-cdc 5a1c2d3e4f5061728394a5b6c7d8e9f0',
  ],
  needs: 'job:adopt',
  args: {
    job: jobArg(),
    flinkJob: optional(
      textArg({ zh: 'Flink 作业编号', en: 'Flink job id' }, { place: 'word', names: ['jid', 'jobid'] }),
    ),
    release: optional(releaseArg({ words: ['as', '作为'] })),
    reason: reasonArg,
  },
  find: findJob,
  async run(turn, { args: { flinkJob, release, reason }, found: job, permit }) {
    if (flinkJob === null || !/^[0-9a-f]{32}$/i.test(flinkJob)) return strangers(turn, job, permit)
    // Checked in the line above: 32 hex digits.
    const flinkJobId = flinkJob.toLowerCase() as FlinkJobId
    return operate(turn, permit, { job, order: { verb: 'adopt', flinkJobId, release }, reason, force: false })
  },
})

const SHOWN = 8

async function strangers(
  { platform, voice, by }: MemberTurn,
  job: Job,
  { subject }: Permit<'job:adopt'>,
): Promise<Reply> {
  const { t, f } = voice
  const looked = await platform.access.permit(by, 'job:view', subject)
  const all = looked.ok ? await platform.jobs.strangers(looked.permit, job.cluster.name) : []
  const columns = [t.label.name, t.label.state, t.label.since, t.label.id]
  const rows = all.map(({ name, state, startedAt, flinkJobId }) => [
    name,
    state,
    f.when(startedAt),
    flinkJobId,
  ])
  return {
    card: card('neutral', t.job.strangersTitle(all.length, job.cluster.name), {
      body: all.length === 0 ? [] : [text(t.job.strangersText(job.name)), { is: 'table', columns, rows }],
      buttons: all
        .slice(0, SHOWN)
        .map(({ name, flinkJobId }) =>
          says(t.job.takeOver(name), to('job adopt', job.name, flinkJobId), { changes: job }),
        ),
      footer: sandboxFooter(voice, job.cluster.sandbox),
    }),
  }
}
