import { card, sandboxFooter, says, text, to } from '../cards/build.ts'
import { jobArg } from './args.ts'
import { command } from './command.ts'
import { draftOf, jobRefusalCard, releaseArgs } from './draft.ts'
import { findJob } from './find.ts'

export const jobRelease = command({
  name: ['job', 'release'],
  zh: ['作业', '发布'],
  aliases: [['release'], ['发布']],
  group: 'job',
  summary: {
    zh: '发布新版本；没写的沿用上一个版本',
    en: 'make a new release; what is left out stays as in the former one',
  },
  examples: [
    '/job release orders-cdc parallelism=4 note="more room"',
    '/job release orders-cdc sql="INSERT INTO …" table.exec.mini-batch.enabled=true',
    '/作业 发布 orders-cdc 并行度=4',
  ],
  needs: 'job:release',
  args: { job: jobArg(), ...releaseArgs },
  find: findJob,
  async run(turn, { args, found: job, permit }) {
    const made = await turn.platform.jobs.release(permit, job.id, draftOf(args))
    if (!made.ok) return { card: jobRefusalCard(made.why, { name: job.name, values: args }, turn) }
    const { t } = turn.voice
    const { number } = made.value
    const runs = job.state.is === 'running' || job.state.is === 'recovering'
    const run = runs
      ? says(t.job.runNew(number), to('job restart', job.name, number), { style: 'primary', changes: job })
      : says(t.button.start, to('job start', job.name, number), { style: 'primary', changes: job })
    return {
      card: card('good', t.job.released(job.name, number), {
        subtitle: [turn.voice.place(job.environment, job.team.name)],
        body: [text(t.job.releasedText(runs ? job.effectiveRelease : null))],
        buttons: [
          run,
          ...(number > 1 ? [says(t.button.compare, to('job diff', job.name, number - 1, number))] : []),
        ],
        footer: sandboxFooter(turn.voice, job.cluster.sandbox),
      }),
      did: true,
    }
  },
})
