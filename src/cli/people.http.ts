import { z } from 'zod'
import { notFound } from '../api/problem.ts'
import { sentence } from '../api/texts.ts'
import { nearNames } from '../lib/near-names.ts'
import { LOCAL_MEMBER } from '../platform/access/local-member.ts'
import { type Context, EXIT, Refusal } from './cli.ts'
import { signInAddress } from './local-member.ts'
import type { People } from './people.ts'
import type { RunningServer } from './server-client.http.ts'

const names = z.array(z.object({ name: z.string() }))
const link = z.object({ code: z.string(), expiresAt: z.string() })
const madeToken = z.object({
  secret: z.string(),
  token: z.object({ id: z.string(), member: z.string(), expiresAt: z.string() }),
})
/** People through the server that runs. */
export function peopleOnServer(
  server: RunningServer,
  { language, publicUrl }: Pick<Context, 'language'> & { publicUrl: string | null },
): People {
  async function linkFor(name: string) {
    const path = `/members/${encodeURIComponent(name)}/sign-in-link`
    return server.call(link, { method: 'POST', path })
  }

  async function demand(what: 'team' | 'role', path: string, wanted: string): Promise<void> {
    const known = (await server.call(names, { method: 'GET', path })).map(({ name }) => name)
    if (known.includes(wanted)) return
    throw new Refusal(EXIT.notDone, sentence(notFound(what, wanted, nearNames(wanted, known)), language))
  }

  return {
    async demandRole(team, role) {
      await demand('team', '/teams', team)
      await demand('role', '/roles', role)
    },
    addMember: (body) =>
      server.call(z.object({ name: z.string() }), { method: 'POST', path: '/members', body }),
    async setRole({ team, member, role }) {
      const path = `/teams/${encodeURIComponent(team)}/members/${encodeURIComponent(member)}`
      await server.call(z.unknown(), { method: 'PUT', path, body: { role } })
    },
    async signInLink(name) {
      const { code } = await linkFor(name)
      return signInAddress(publicUrl ?? server.file.url, code)
    },
    async createToken(draft, member) {
      const body = { ...draft, verbs: [...draft.verbs] }
      // Signed in, because nothing that the token of server.json makes may outlive its day.
      const { code } = await linkFor(member ?? LOCAL_MEMBER)
      const made = await server.signedIn(code, (session) =>
        server.call(madeToken, { method: 'POST', path: '/tokens', body, session }),
      )
      const { id, expiresAt, member: owner } = made.token
      return { secret: made.secret, id, member: owner, expiresAt: new Date(expiresAt) }
    },
  }
}
