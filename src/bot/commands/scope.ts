import type { Job, Subject } from '../../platform/platform.ts'
import type { MemberTurn, Target } from './command.ts'
import { jobSubject } from './find.ts'

/**
 * What a list is asked for: the team that was named, else one of the asker's own, whose rights decide. The list itself
 * holds only what the asker may see.
 */
export async function findTeamScope(
  turn: MemberTurn,
  { team }: { team?: string | null },
): Promise<Target<null>> {
  return { ok: true, subject: scopeOf(turn, team ?? null), found: null }
}

/** The job that was named, else one of the asker's own teams. */
export async function findOwnScope(
  turn: MemberTurn,
  { job }: { job?: string | null },
): Promise<Target<Job | null>> {
  if (!job) return { ok: true, subject: scopeOf(turn, null), found: null }
  const found = await turn.platform.jobs.find(job)
  if (found.ok) return { ok: true, subject: jobSubject(found.value), found: found.value }
  return { ok: false, unknown: { arg: 'job', title: turn.voice.t.say.unknownJob(job), near: found.near } }
}

function scopeOf({ by }: MemberTurn, name: string | null): Subject {
  const own = [...by.member.roles.entries()]
  const seeing = own.filter(([, { permissions }]) => permissions.has('job:view'))
  const [id] = own.find(([, { team }]) => team === name) ?? seeing[0] ?? own[0] ?? []
  return id === undefined
    ? { of: 'platform', what: 'jobs' }
    : { of: 'team', team: id, environment: null, job: null }
}
