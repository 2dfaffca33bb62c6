/** What a caller should have ruled out before asking. */
export type AccessTrouble =
  /** A limited token asked for a code that links an account: the account would have all of the member's rights. */
  | 'limited-token'
  /** A permit for one team was used for another team, or for the platform. */
  | 'other-subject'

export class AccessError extends Error {
  override readonly name = 'AccessError'
  readonly code: AccessTrouble

  constructor(code: AccessTrouble, sentence: string) {
    super(sentence)
    this.code = code
  }
}
