/**
 * The address of a cluster's REST interface in one spelling; null when it cannot be one. Loopback and private networks
 * are where clusters live; what is refused is a place that no cluster can be at and that answers to every machine: the
 * link-local one, where clouds hand out credentials.
 */
export function readClusterAddress(typed: string): string | null {
  const url = parse(typed.trim())
  if (!url || !/^https?:$/.test(url.protocol)) return null
  // Credentials would end up in logs and on cards.
  if (url.username || url.password || url.search || url.hash) return null
  if (isLinkLocal(url.hostname)) return null
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function parse(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}

/** Also in its IPv4-in-IPv6 spelling, which URL writes as hex. */
function isLinkLocal(host: string): boolean {
  return /^169\.254\./.test(host) || /^\[fe[89ab]/i.test(host) || /^\[::(?:ffff:)?a9fe:/i.test(host)
}
