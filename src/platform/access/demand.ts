import type { Job } from '../jobs/job.ts'
import type { Permit, TeamId } from './access.ts'

/**
 * A permit counts for the subject that it was asked for. Using it for another is our mistake, never a person's: so
 * these throw.
 */
export function demandJob(permit: Permit, job: Pick<Job, 'id' | 'name' | 'team' | 'environment'>): void {
  const { subject } = permit
  const fits =
    subject.of === 'team' &&
    subject.job?.id === job.id &&
    subject.team === job.team.id &&
    subject.environment === job.environment
  if (!fits) throw wrong(permit, `job ${job.name}`)
}

/** For what a team is about to own in an environment. */
export function demandTeam(permit: Permit, team: { id: TeamId; name: string }, environment: string): void {
  const { subject } = permit
  const fits =
    subject.of === 'team' &&
    subject.team === team.id &&
    (subject.environment === null || subject.environment === environment)
  if (!fits) throw wrong(permit, `team ${team.name} in ${environment}`)
}

export function demandPlatform(permit: Permit): void {
  if (permit.subject.of !== 'platform') throw wrong(permit, 'the platform')
}

function wrong({ verb, subject }: Permit, used: string): Error {
  return new Error(`A permit for ${verb} on ${JSON.stringify(subject)} was used for ${used}.`)
}
