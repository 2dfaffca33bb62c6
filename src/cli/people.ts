import type { Verb } from '../platform/platform.ts'

export interface MemberDraft {
  name: string
  displayName: string
  email?: string
  admin?: boolean
  language?: 'zh' | 'en'
}

export interface TokenDraft {
  name: string
  verbs: readonly Verb[]
  teams: readonly string[]
  environments: readonly string[]
  days: number
}

/**
 * Members and tokens: through the server that runs, or in the database itself when none does. What is refused ends the
 * command with its sentence.
 */
export interface People {
  /** Refuses when there is no such team or role; to be asked before anything is changed. */
  demandRole(team: string, role: string): Promise<void>
  addMember(draft: MemberDraft): Promise<{ name: string }>
  setRole(change: { team: string; member: string; role: string }): Promise<void>
  /** The whole address; good for one sign-in, within the hour. */
  signInLink(name: string): Promise<string>
  createToken(
    draft: TokenDraft,
    member: string | null,
  ): Promise<{ secret: string; id: string; member: string; expiresAt: Date }>
}
