/** Which page an address is. */
export const JOB_TABS = [
  'overview',
  'releases',
  'diff',
  'savepoints',
  'operations',
  'attempts',
  'logs',
] as const
export type JobTab = (typeof JOB_TABS)[number]

export type Route =
  | { is: 'chat'; chat: string | null }
  | { is: 'jobs' }
  | { is: 'new-job' }
  | { is: 'new-release'; job: string }
  | { is: 'job'; job: string; tab: JobTab }
  | { is: 'clusters' }
  | { is: 'members' }
  | { is: 'audit' }
  | { is: 'on-call'; schedule: string | null }
  | { is: 'setups' }
  | { is: 'setup'; vendor: string }
  | { is: 'sign-in' }
  | { is: 'nowhere' }

export function routeOf(path: string): Route {
  const [first, second, third, ...more] = path.split('/').filter(Boolean).map(decode)
  if (more.length > 0) return { is: 'nowhere' }
  switch (first) {
    case undefined:
      return { is: 'chat', chat: null }
    case 'chat':
      return third === undefined ? { is: 'chat', chat: second ?? null } : { is: 'nowhere' }
    case 'jobs':
      return jobRoute(second, third)
    case 'on-call':
      return third === undefined ? { is: 'on-call', schedule: second ?? null } : { is: 'nowhere' }
    case 'setup':
      if (third !== undefined) return { is: 'nowhere' }
      return second === undefined ? { is: 'setups' } : { is: 'setup', vendor: second }
    case 'clusters':
    case 'members':
    case 'audit':
    case 'sign-in':
      return second === undefined ? { is: first } : { is: 'nowhere' }
    default:
      return { is: 'nowhere' }
  }
}

function jobRoute(job: string | undefined, tab: string | undefined): Route {
  if (job === undefined) return { is: 'jobs' }
  if (tab === undefined) return job === 'new' ? { is: 'new-job' } : { is: 'job', job, tab: 'overview' }
  if (tab === 'release') return { is: 'new-release', job }
  const known = JOB_TABS.find((one) => one === tab)
  return known ? { is: 'job', job, tab: known } : { is: 'nowhere' }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export const jobPath = (job: string, tab: JobTab = 'overview') =>
  `/jobs/${encodeURIComponent(job)}${tab === 'overview' ? '' : `/${tab}`}`

/** Where to go after signing in. Only our own pages: anything else could lead a visitor away. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in') ? next : '/'
}

/** A query without empty values, for filters in the address. */
export function query(values: Readonly<Record<string, string | null | undefined>>): string {
  const kept = Object.entries(values).filter((pair): pair is [string, string] => Boolean(pair[1]))
  const text = new URLSearchParams(kept).toString()
  return text ? `?${text}` : ''
}
