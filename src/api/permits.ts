import type { Job, Permit, Subject, TeamId, Verb } from '../platform/platform.ts'
import { notFound, Problem } from './problem.ts'
import { byOf, type Call } from './route.ts'

/** A permit, or the 403 that says why not and who could. */
export async function permit<V extends Verb>(
  call: Call<'member'>,
  verb: V,
  subject: Subject,
): Promise<Permit<V>> {
  const asked = await call.services.platform.access.permit(byOf(call), verb, subject)
  if (asked.ok) return asked.permit
  throw new Problem('not-allowed', { because: asked.because, whoCan: asked.whoCan })
}

export function subjectOf(job: Job): Subject {
  return {
    of: 'team',
    team: job.team.id,
    environment: job.environment,
    job: { id: job.id, name: job.name },
  }
}

/**
 * The job and a permit for it. Who may not even view the job gets the same 404 as for a job that does not exist, so
 * that names of other teams' jobs cannot be guessed; who may view it gets a 403 that says who could do the rest.
 */
export async function jobPermit<V extends Verb>(
  call: Call<'member'>,
  jobName: string,
  verb: V,
): Promise<{ job: Job; permit: Permit<V> }> {
  const job = await findJob(call, jobName)
  const { access } = call.services.platform
  const asked = await access.permit(byOf(call), verb, subjectOf(job))
  if (asked.ok) return { job, permit: asked.permit }
  if (!mayView(call, job)) throw notFound('job', jobName)
  throw new Problem('not-allowed', { because: asked.because, whoCan: asked.whoCan })
}

/** Like `jobPermit` for what only needs to be seen, without a decision of its own. */
export async function findJob(call: Call<'member'>, jobName: string): Promise<Job> {
  const found = await call.services.platform.jobs.find(jobName)
  if (found.ok) return found.value
  throw notFound('job', jobName, await visible(call, found.near))
}

export function mayView(call: Call<'member'>, job: Job): boolean {
  const { member, token } = call.caller
  return call.services.platform.access.mightDo(member, token, 'job:view', subjectOf(job))
}

async function visible(call: Call<'member'>, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(names.slice(0, 5).map((name) => call.services.platform.jobs.find(name)))
  return found.flatMap((one) => (one.ok && mayView(call, one.value) ? [one.value.name] : []))
}

/** The team by name, or a 404. */
export async function teamSubject(call: Call<'member'>, team: string): Promise<Subject> {
  const seen = await call.services.platform.access.team(team)
  if (!seen.ok) throw notFound('team', team, seen.near)
  // The platform gave this id out as a team's.
  return { of: 'team', team: seen.value.id as TeamId, environment: null, job: null }
}

export function onPlatform(what: string): Subject {
  return { of: 'platform', what }
}

/**
 * For lists that need no permit. What is allowed is not written down each time a page asks; what is refused is, by
 * asking for the permit.
 */
export async function maySee(call: Call<'member'>, verb: Verb, subject: Subject): Promise<void> {
  const { member, token } = call.caller
  if (!call.services.platform.access.mightDo(member, token, verb, subject)) await permit(call, verb, subject)
}
