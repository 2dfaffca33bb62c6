/** Hosts of Slack's own: commercial, and of the government of the United States. */
const SITES = ['slack.com', 'slack-gov.com']

/** Where we may call: the API's own origin, and Slack's hosts (files go to `files.`). */
export function mayCall(url: string, apiUrl: string): boolean {
  const to = parsed(url)
  return to !== null && (isApi(to, apiUrl) || (isSecure(to) && SITES.some((site) => isWithin(to, site))))
}

/**
 * A `response_url` came with a message, so it is believed only where Slack takes such answers; or, when the API is
 * somebody else's (a test, a proxy), there.
 */
export function mayAnswerAt(url: string, apiUrl: string): boolean {
  const to = parsed(url)
  if (to === null) return false
  const isHooks = isSecure(to) && SITES.some((site) => to.hostname === `hooks.${site}`)
  return isHooks || (isApi(to, apiUrl) && !SITES.some((site) => isWithin(to, site)))
}

function isApi(to: URL, apiUrl: string): boolean {
  return isPlain(to) && to.origin === parsed(apiUrl)?.origin
}

function isSecure(to: URL): boolean {
  return isPlain(to) && to.protocol === 'https:' && to.port === ''
}

/** Nobody's name and password in it. */
function isPlain({ username, password }: URL): boolean {
  return username === '' && password === ''
}

function isWithin({ hostname }: URL, site: string): boolean {
  return hostname === site || hostname.endsWith(`.${site}`)
}

function parsed(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null
}
