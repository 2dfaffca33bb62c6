import type { Connection, Finding } from '../adapter.ts'
import { FINDINGS, SCOPES } from './guide.ts'
import { wordsOf } from './outcome.ts'
import type { SlackSetup } from './settings.ts'
import type { SlackApi } from './slack-api.http.ts'

export interface ChecksParts {
  api: SlackApi
  setup: SlackSetup
  connection: () => Connection
}

/** Asks Slack who we are; posts nothing. */
export async function checkSlack({ api, setup, connection }: ChecksParts): Promise<readonly Finding[]> {
  const asked = await api.ask((client) => client.auth.test())
  if (!asked.ok) return [FINDINGS.tokenRefused(wordsOf(asked.fault).code)]
  const { team, user, response_metadata } = asked.value
  return [
    FINDINGS.tokenOk(team ?? '?', user ?? '?'),
    scopesFinding(response_metadata?.scopes),
    eventsFinding(connection(), setup.inbound.is),
  ]
}

function scopesFinding(granted: readonly string[] | undefined): Finding {
  if (!granted) return FINDINGS.scopesUnknown
  const missing = SCOPES.map(({ name }) => name).filter((name) => !granted.includes(name))
  return missing.length === 0 ? FINDINGS.scopesOk : FINDINGS.scopesMissing(missing)
}

function eventsFinding(connection: Connection, by: SlackSetup['inbound']['is']): Finding {
  switch (connection.is) {
    case 'connected':
      return FINDINGS.eventsOk
    case 'waiting-for-calls':
      return connection.lastAt === null ? FINDINGS.noCallYet : FINDINGS.eventsOk
    case 'connecting':
    case 'stopped':
    case 'outgoing-only':
      return FINDINGS.notConnected(by, connection.is === 'connecting' ? connection.because : null)
  }
}
