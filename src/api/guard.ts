import { isIP } from 'node:net'

export interface Addresses {
  /** The address we listen on. */
  host: string
  publicUrl: string | null
}

/**
 * May a request be meant for us by its Host header? A page of a stranger can point its own name at our address (DNS
 * rebinding) and then counts as our origin; so names that are not ours are refused. Numbers cannot be pointed
 * elsewhere, and names without a dot belong to the network we stand in.
 */
export function isOurHost(header: string | undefined, { host, publicUrl }: Addresses): boolean {
  const name = hostName(header)
  if (name === null) return false
  if (name === 'localhost' || isLoopback(name)) return true
  if (publicUrl !== null && name === new URL(publicUrl).hostname) return true
  if (name === host.toLowerCase()) return true
  return !isLoopbackOnly(host) && (isIP(bare(name)) !== 0 || /^[a-z0-9_-]+$/.test(name))
}

/** Does a request come from a page of ours? Browsers say where it comes from; others do not, and are not asked. */
export function isOurOrigin(
  origin: string | undefined,
  hostHeader: string | undefined,
  { publicUrl }: Addresses,
): boolean {
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  if (publicUrl !== null && origin === publicUrl) return true
  return new URL(origin).host === (hostHeader ?? '').toLowerCase().replace(/:(80|443)$/, '')
}

function hostName(header: string | undefined): string | null {
  const match = /^(\[[\da-f:.]+\]|[^:[\]/@?#\s]+)(:\d{1,5})?$/i.exec(header ?? '')
  return match?.[1]?.toLowerCase() ?? null
}

function isLoopbackOnly(host: string): boolean {
  return host === 'localhost' || isLoopback(host)
}

function isLoopback(name: string): boolean {
  const address = bare(name)
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
}

function bare(name: string): string {
  return name.replace(/^\[|\]$/g, '')
}
