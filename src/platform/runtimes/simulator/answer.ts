/** What goes back over the wire. */
export interface Answer {
  status: number
  text: string
  type?: string
}

export function json(body: unknown, status = 200): Answer {
  return { status, text: JSON.stringify(body) }
}

export function refusal(status: number, ...errors: readonly string[]): Answer {
  return { status, text: JSON.stringify({ errors }) }
}
