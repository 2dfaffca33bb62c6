const MASK = '••••'

/** What was said is kept for everybody in the chat to read; one-time codes and passwords are not. */
export function maskSaid(text: string): string {
  return text
    .replace(/^(\s*(?:@\S+\s+)*[/／]?\s*(?:link|绑定)\s+)\S+/i, `$1${MASK}`)
    .replace(
      /((?:password|passwd|secret|token|access[-_.]?key|密码|密钥)["']?\s*[=:：＝]\s*)("[^"]*"|'[^']*'|\S+)/gi,
      `$1${MASK}`,
    )
}
