import { z } from 'zod'
import { Secret } from '../../../lib/secret.ts'

/** How we reach Slack, and how it reaches us. */
export interface SlackSetup {
  botToken: Secret
  inbound: { is: 'socket'; appToken: Secret } | { is: 'http'; signingSecret: Secret }
  /** Ends with a slash. */
  apiUrl: string
}

const filled = z.string().trim().min(1)
const orNothing = z
  .string()
  .trim()
  .transform((text) => (text === '' ? undefined : text))
  .optional()

/** The fields of the guide, by name. */
export const slackSetup = z
  .object({
    botToken: filled.regex(/^xoxb-[\w-]+$/, 'the bot token begins with xoxb-'),
    appToken: orNothing.pipe(
      z
        .string()
        .regex(/^xapp-[\w-]+$/, 'the app-level token begins with xapp-')
        .optional(),
    ),
    signingSecret: orNothing,
    apiUrl: orNothing.pipe(z.url({ protocol: /^https?$/ }).default('https://slack.com/api/')),
  })
  .transform((fields, context): SlackSetup => {
    const inbound = inboundOf(fields)
    if (inbound) {
      return { botToken: new Secret(fields.botToken), inbound, apiUrl: withSlash(fields.apiUrl) }
    }
    context.addIssue({
      code: 'custom',
      path: ['appToken'],
      message: 'either the app-level token (socket mode) or the signing secret (request URL) is needed',
    })
    return z.NEVER
  })

/** Both given: the socket, which needs no address that Slack can reach. */
function inboundOf(fields: { appToken?: string | undefined; signingSecret?: string | undefined }) {
  const { appToken, signingSecret } = fields
  if (appToken) return { is: 'socket', appToken: new Secret(appToken) } as const
  return signingSecret ? ({ is: 'http', signingSecret: new Secret(signingSecret) } as const) : null
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}
