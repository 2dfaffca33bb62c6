import { type SetupField, VENDORS, type Vendor } from '../bot/adapters/adapter.ts'
import { Secret } from '../lib/secret.ts'
import { GUIDES, type OpenSetup, type Ours, readSetup } from './setups.ts'

/** Chats as the environment sets them up, for machines without a page. */
export const CHAT_SETTINGS: readonly { env: string; vendor: Vendor; field: SetupField }[] = VENDORS.flatMap(
  (vendor) => GUIDES[vendor].fields.map((field) => ({ env: field.env, vendor, field })),
)

/** Vendors whose directory says which member an account is: `feishu,wecom`. */
export const MATCH_PEOPLE = 'CHAT_MATCH_PEOPLE'

/** What the environment says of one vendor, by the names of its guide. */
export interface GivenChat {
  vendor: Vendor
  fields: Readonly<Record<string, Secret>>
}

export interface ChatSettings {
  given: readonly GivenChat[]
  problems: readonly { env: string; says: { zh: string; en: string } }[]
}

/** A vendor of which anything is given must be given whole; one of which nothing is given is not open. */
export function readChatSettings(
  read: (env: string) => string | null,
  publicUrl: string | null,
): ChatSettings {
  const given: GivenChat[] = []
  const problems: ChatSettings['problems'][number][] = []
  for (const vendor of VENDORS) {
    const { fields } = GUIDES[vendor]
    const values = fields.flatMap(({ name, env }) => {
      const value = read(env)
      return value === null ? [] : [[name, value] as const]
    })
    const [first] = values
    if (!first) continue
    const setup = readSetup(vendor, Object.fromEntries(values), { publicUrl, linkKey: NO_KEY })
    if (setup.ok) {
      given.push({
        vendor,
        fields: Object.fromEntries(values.map(([name, value]) => [name, new Secret(value)])),
      })
    } else {
      const known = fields.find(({ name }) => name === first[0])?.env ?? vendor
      for (const { field, says } of setup.problems) {
        const isMissing = field !== null && read(field.env) === null
        problems.push(
          isMissing ? { env: field.env, says: missing(known) } : { env: field?.env ?? known, says },
        )
      }
    }
  }
  return { given, problems }
}

// Our own key may be made only after the settings were read; whether they are right does not hang on it.
const NO_KEY = new Secret('not made yet')

/** Read once already, so nothing is wrong with them. */
export function setupsOf(given: readonly GivenChat[], ours: Ours): OpenSetup[] {
  return given.flatMap(({ vendor, fields }) => {
    const values = Object.entries(fields).map(([name, value]) => [name, value.reveal()])
    const read = readSetup(vendor, Object.fromEntries(values), ours)
    return read.ok ? [read.open] : []
  })
}

function missing(known: string) {
  return { zh: `没有设置，而 ${known} 已设置`, en: `is not set, but ${known} is` }
}

export function readMatchPeople(text: string): ReadonlySet<Vendor> | null {
  const names = text.split(/[\s,，、]+/).filter(Boolean)
  const vendors = names.flatMap((name) => VENDORS.filter((vendor) => vendor === name.toLowerCase()))
  return vendors.length === names.length ? new Set(vendors) : null
}
