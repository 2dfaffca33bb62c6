import type { Permit } from '../access/access.ts'
import type { AuditDraft } from './stores.ts'

/** The audit entry of something that was done under a permit. */
export function changeUnder(
  { by, verb }: Permit,
  what: Pick<AuditDraft, 'subject' | 'before' | 'after'> & { job?: AuditDraft['job'] },
): AuditDraft {
  const { member, via, requestId } = by
  return { job: null, ...what, member, via, verb, decision: 'done', requestId }
}
