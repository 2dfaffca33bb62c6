import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { By } from '../platform/platform.ts'
import { type AccessOfOurs, byLocal } from './local-member.ts'
import { removeServerFile, writeServerFile } from './server-file.file.ts'

export interface Announcement {
  access: AccessOfOurs
  /** SLUICE_HOME. */
  home: string
  /** Where commands of this machine reach the server. */
  url: string
  clock: Clock
  ids: Ids
  log: Log
}

const RENEW_MS = 12 * 3_600_000
const RETRY_MS = 10 * 60_000
const NAME = 'server.json'

/**
 * Tells commands of this machine where the server is, with a token that is good for a day and renewed before it ends.
 * `stop` takes both back. Nothing is told when the member `local` was disabled: then commands shall not speak to it.
 */
export async function announceServer(given: Announcement): Promise<{ stop(): Promise<void> }> {
  const { access, home, ids, log, clock } = given
  const { member } = await byLocal(access, ids)
  if (member.disabled) {
    log.warn(
      { member: member.name },
      'Commands of this machine cannot speak to the server: their member is disabled',
    )
    return { stop: async () => {} }
  }

  let tokenId = await announce(given)
  const stopping = new AbortController()
  const renewing = renew()

  async function renew(): Promise<void> {
    let wait = RENEW_MS
    for (;;) {
      await clock.sleep(wait, stopping.signal)
      if (stopping.signal.aborted) return
      wait = await announceAnew().then(
        () => RENEW_MS,
        (error: unknown) => {
          log.warn({ error }, 'The token for commands of this machine was not renewed')
          return RETRY_MS
        },
      )
    }
  }

  async function announceAnew(): Promise<void> {
    const former = tokenId
    tokenId = await announce(given)
    await access.revokeToken(await byLocal(access, ids), former)
  }

  return {
    async stop() {
      stopping.abort()
      await renewing
      await removeServerFile(home, process.pid)
      await access.revokeToken(await byLocal(access, ids), tokenId)
    },
  }
}

/** The id of the token that the file now holds. */
async function announce({ access, home, url, ids }: Announcement): Promise<string> {
  const { token, secret } = await makeToken(access, await byLocal(access, ids))
  await writeServerFile(home, { url, pid: process.pid, token: secret })
  return token.id
}

async function makeToken(access: AccessOfOurs, by: By) {
  const asked = await access.permit(by, 'token:create', { of: 'platform', what: 'tokens' })
  if (!asked.ok) throw new Error(`The member ${by.member.name} may not make tokens: ${asked.because.why}`)
  const made = await access.createToken(asked.permit, { name: NAME, verbs: [], days: 1 })
  if (!made.ok) throw new Error(`The token for commands of this machine was refused: ${made.why}`)
  return made.value
}
