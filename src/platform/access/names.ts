/** Names that people type in commands: letters of any script, digits, and `.`, `_`, `-` behind the first. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}$/u

/** Would be mistaken for Sluice itself in the audit. */
const RESERVED = ['sluice', 'system']

/** One spelling per name: full-width and upper-case letters would otherwise make two members of one. */
export function foldName(typed: string): string {
  return typed.normalize('NFKC').trim().toLowerCase()
}

/** Whether a folded name may be given to a member, a team or a role. */
export function isGoodName(folded: string): boolean {
  return NAME.test(folded) && !RESERVED.includes(folded)
}
