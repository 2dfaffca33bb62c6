import type { Member, MemberId } from './access.ts'

/** Who acts when Sluice does something by itself. Not in the database, so nobody can become it. */
export const SLUICE: Member = {
  // The one made-up member; every other id was read from the database.
  id: 'sluice' as MemberId,
  name: 'sluice',
  displayName: 'Sluice',
  language: 'en',
  zone: 'UTC',
  isAdmin: true,
  disabled: false,
  roles: new Map(),
}
