/** A mail address; `name` is what is shown instead of it. */
export interface Mailbox {
  name: string | null
  address: string
}

const ADDRESS = /^[^\s@<>()[\]\\,;:"\p{Cc}]+@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u
// RFC 5321: what a path may hold, without its angle brackets.
const LONGEST = 254

/** One address and nothing that a header could take for two. */
export function isAddress(text: string): boolean {
  return text.length <= LONGEST && !text.includes('..') && ADDRESS.test(text)
}

/** `sluice@example.com` or `Sluice <sluice@example.com>`. */
export function parseMailbox(text: string): Mailbox | null {
  const named = /^\s*([^<>]*?)\s*<([^<>]+)>\s*$/.exec(text)
  const address = (named?.[2] ?? text).trim()
  if (!isAddress(address)) return null
  const name = unquoted(named?.[1] ?? '')
  return { name: name === '' ? null : name, address }
}

export function hostOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1)
}

function unquoted(name: string): string {
  return name
    .replace(/^"(.*)"$/, '$1')
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim()
}
