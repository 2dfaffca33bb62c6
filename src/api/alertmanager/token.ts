import type { Request } from 'express'

/** A bearer's, or the password of basic authentication: programs that can send one of them can send either. */
export function tokenOf(request: Pick<Request, 'get'>): string | null {
  const [scheme = '', value = ''] = (request.get('authorization') ?? '').split(' ')
  if (/^bearer$/i.test(scheme)) return value || null
  if (!/^basic$/i.test(scheme)) return null
  const pair = Buffer.from(value, 'base64').toString()
  return pair.slice(pair.indexOf(':') + 1) || null
}
