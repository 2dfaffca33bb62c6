import type { Job, Permit, ReleaseChange } from '../../platform/platform.ts'
import { card, says, to } from '../cards/build.ts'
import { diffCard } from '../cards/history-cards.ts'
import { jobArg, optional, releaseArg } from './args.ts'
import { command, type MemberTurn, type Reply } from './command.ts'
import { findJob } from './find.ts'

export const jobDiff = command({
  name: ['job', 'diff'],
  zh: ['作业', '对比'],
  aliases: [['diff'], ['对比']],
  group: 'job',
  summary: {
    zh: '对比两个版本，默认是当前和最新',
    en: 'compare two releases, by default the one in effect and the newest',
  },
  examples: ['/job diff orders-cdc', '/job diff orders-cdc 11 12', '/作业 对比 orders-cdc 11 到 12'],
  needs: 'job:view',
  args: {
    job: jobArg(),
    from: optional(releaseArg({ names: [] })),
    to: optional(releaseArg({ words: ['to', '到'], names: [] })),
  },
  find: findJob,
  async run(turn, { args, found: job, permit }) {
    const pair = pairOf(job, args.from, args.to)
    if (!pair) return { card: card('neutral', turn.voice.t.diff.onlyOne(job.name)) }
    return compare(turn, { job, permit }, pair)
  },
})

/** With one number, that one against the one in effect; with none, what the newest would change. */
function pairOf(job: Job, from: number | null, to: number | null): readonly [number, number] | null {
  if (from !== null && to !== null) return [from, to]
  const known = job.effectiveRelease ?? job.releases - 1
  const one = from ?? to
  if (one !== null) return one === known ? [one - 1, one] : [known, one]
  if (job.releases < 2) return null
  return known === job.releases ? [job.releases - 1, job.releases] : [known, job.releases]
}

async function compare(
  { platform, voice, may }: MemberTurn,
  { job, permit }: { job: Job; permit: Permit<'job:view'> },
  [from, to_]: readonly [number, number],
): Promise<Reply> {
  const { t } = voice
  const compared = await platform.jobs.diff(permit, job.id, from, to_)
  if (!compared.ok) {
    const list = says(t.button.history, to('job history', job.name, 'releases'))
    return { card: card('warning', t.diff.unknown(job.name, compared.why.asked), { buttons: [list] }) }
  }
  const scripts = changesProgram(compared.value)
    ? await Promise.all([from, to_].map((number) => scriptOf(number)))
    : []
  const mayRun = may('job:restart', permit.subject)
  const drawn = diffCard({ job, from, to: to_, changes: compared.value, scripts, mayRun }, voice)
  // Settings and scripts hold what not everybody in a group may know.
  return { card: drawn, sensitive: true }

  async function scriptOf(number: number): Promise<string | null> {
    const release = await platform.jobs.releaseByNumber(permit, job.id, number)
    return release?.program.is === 'sql' ? release.program.script : null
  }
}

function changesProgram(changes: readonly ReleaseChange[]): boolean {
  return changes.some(({ field }) => field === 'program')
}
