import type { Subject } from '../../platform/platform.ts'
import type { MemberTurn, Target } from './command.ts'

/**
 * What a list is asked for: the team that was named, else one of the asker's own, whose rights decide. The list itself
 * holds only what the asker may see.
 */
export async function jobViewScope(
  turn: MemberTurn,
  { team }: { team?: string | null },
): Promise<Target<null>> {
  return { ok: true, subject: scopeOf(turn, team ?? null), found: null }
}

function scopeOf({ by }: MemberTurn, name: string | null): Subject {
  const own = [...by.member.roles.entries()]
  const [id] = own.find(([, { team }]) => team === name) ?? own[0] ?? []
  return id === undefined
    ? { of: 'platform', what: 'jobs' }
    : { of: 'team', team: id, environment: null, job: null }
}
