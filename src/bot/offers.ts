import type { By, Platform } from '../platform/platform.ts'
import type { RawValues } from './grammar/parse.ts'
import type { Arg, Args } from './grammar/spec.ts'

export interface Offered {
  value: string
  label: string
}

// More than this is typed, with completion.
const MOST = 50

/** What there is to choose from for an argument; empty when it is typed freely or there is too much. */
export async function offeredFor(
  platform: Platform,
  by: By,
  arg: Arg,
  like = '',
): Promise<readonly Offered[]> {
  const named = <T extends { name: string }>(items: readonly T[], label: (item: T) => string) =>
    items.filter(({ name }) => name.includes(like)).map((item) => ({ value: item.name, label: label(item) }))

  switch (arg.kind) {
    case 'job': {
      const { items, next } = await platform.jobs.list(by, { limit: MOST, ...(like !== '' && { like }) })
      const jobs = named(items, ({ environment }) => environment)
      return next === null || like !== '' ? jobs : []
    }
    case 'cluster':
      return named(await platform.clusters.list(), ({ environment }) => environment)
    case 'environment':
      return named(await platform.access.environments(), ({ title }) => title[by.member.language])
    case 'team':
      return named(await platform.access.teams(), ({ title }) => title)
    case 'role':
      return named(await platform.access.roles(), ({ title }) => title[by.member.language])
    case 'member': {
      const { items } = await platform.access.members({ limit: MOST, ...(like !== '' && { like }) })
      return named(items, ({ displayName }) => displayName)
    }
    case 'flink-version':
      return named(await platform.flink.list(), ({ version }) => version)
    default:
      return []
  }
}

/** For every argument of a form at once. */
export async function offersFor(
  platform: Platform,
  by: By,
  args: Args,
  values: RawValues,
): Promise<Record<string, readonly Offered[]>> {
  const entries = await Promise.all(
    Object.entries(args).map(async ([name, arg]) => {
      const offered = await offeredFor(platform, by, arg)
      const given = values[name]
      // A value that names nothing stays typed, so that it can be corrected.
      const fits = given === undefined || given === '' || offered.some(({ value }) => value === given)
      return [name, fits ? offered.map(labelled) : []] as const
    }),
  )
  return Object.fromEntries(entries.filter(([, offered]) => offered.length > 0))
}

function labelled({ value, label }: Offered): Offered {
  return { value, label: label === '' || label === value ? value : `${value} · ${label}` }
}
