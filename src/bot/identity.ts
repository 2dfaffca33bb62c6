import type { AccountRef, By, Member, Platform } from '../platform/platform.ts'
import type { Speaker } from './inbound.ts'

/** Who speaks to us. `by` null: an account that no member has linked. */
export interface Asker {
  by: By | null
  account: AccountRef | null
  displayName: string
}

export interface Where {
  /** The chat: where it came from, for the audit. A token is named beside it. */
  via: string
  requestId: string
}

export async function identify(
  speaker: Speaker,
  { via, requestId }: Where,
  { access }: Platform,
): Promise<Asker> {
  switch (speaker.is) {
    case 'account': {
      const { account } = speaker
      const member = await access.memberOf(account)
      return {
        by: member && { member, via, token: null, requestId },
        account,
        displayName: nameOf(member, account),
      }
    }
    case 'session':
    case 'token': {
      const member = await access.memberById(speaker.memberId)
      const token = speaker.is === 'token' ? speaker.token : null
      return {
        by: member && { member, via, token, requestId },
        account: null,
        displayName: member?.displayName ?? '',
      }
    }
  }
}

function nameOf(member: Member | null, account: AccountRef): string {
  return member?.displayName ?? account.displayName
}
