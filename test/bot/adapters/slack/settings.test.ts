import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { BOT_EVENTS, manifest, SCOPES, SLACK_GUIDE } from '../../../../src/bot/adapters/slack/guide.ts'
import { slackSetup } from '../../../../src/bot/adapters/slack/settings.ts'

const SOCKET = { botToken: 'xoxb-1-secret', appToken: 'xapp-1-secret' }
const CALLS = { botToken: 'xoxb-1-secret', signingSecret: 'a signing secret' }

describe("Slack's setup", () => {
  it('is a socket with an app-level token, and calls with a signing secret', () => {
    expect(slackSetup.parse({ ...SOCKET, signingSecret: '', apiUrl: '' })).toMatchObject({
      inbound: { is: 'socket' },
      apiUrl: 'https://slack.com/api/',
    })
    expect(slackSetup.parse({ ...CALLS, appToken: ' ' })).toMatchObject({ inbound: { is: 'http' } })
    expect(slackSetup.parse({ ...SOCKET, ...CALLS })).toMatchObject({ inbound: { is: 'socket' } })
  })

  it('puts a slash at the end of the address', () => {
    expect(slackSetup.parse({ ...SOCKET, apiUrl: 'http://127.0.0.1:1/api' }).apiUrl).toBe(
      'http://127.0.0.1:1/api/',
    )
  })

  it.each([
    [{ botToken: 'xoxb-1-secret' }],
    [{ appToken: 'xapp-1-secret' }],
    [{ ...SOCKET, botToken: 'xoxp-1-of-a-person' }],
    [{ ...SOCKET, appToken: 'xoxb-1-mistaken' }],
    [{ ...SOCKET, botToken: 'xoxb-1 secret' }],
    [{ ...SOCKET, apiUrl: 'slack.com' }],
    [{ ...SOCKET, apiUrl: 'file:///etc/passwd' }],
  ])('refuses %j', (fields) => {
    expect(slackSetup.safeParse(fields).success).toBe(false)
  })

  it('shows no secret', () => {
    const setups = [slackSetup.parse(SOCKET), slackSetup.parse(CALLS)]

    expect(inspect(setups, { depth: 9 }) + JSON.stringify(setups)).not.toMatch(/secret"|1-secret|a signing/)
  })

  it('has the fields of the guide', () => {
    expect(SLACK_GUIDE.fields.map(({ env }) => env)).toEqual([
      'SLACK_BOT_TOKEN',
      'SLACK_APP_TOKEN',
      'SLACK_SIGNING_SECRET',
      'SLACK_API_URL',
    ])
  })
})

describe("the guide's manifest", () => {
  it('asks for every permission and event, with the socket on', () => {
    expect(JSON.parse(manifest(null))).toMatchObject({
      oauth_config: { scopes: { bot: SCOPES.map(({ name }) => name) } },
      features: {
        slash_commands: [{ command: '/sluice', should_escape: true }],
        bot_user: { display_name: 'Sluice' },
      },
      settings: {
        socket_mode_enabled: true,
        interactivity: { is_enabled: true },
        event_subscriptions: { bot_events: [...BOT_EVENTS] },
      },
    })
  })

  it('names one address for everything when Slack calls us', () => {
    const url = 'https://sluice.example.com/chat/slack'
    const { settings, features } = JSON.parse(manifest(url))

    expect(settings).toMatchObject({
      socket_mode_enabled: false,
      interactivity: { request_url: url },
      event_subscriptions: { request_url: url },
    })
    expect(features.slash_commands[0].url).toBe(url)
  })

  it('stands in the steps, in both languages', () => {
    const [create] = SLACK_GUIDE.steps

    expect(create?.text.zh).toContain(manifest(null))
    expect(create?.text.en).toContain(manifest(null))
  })
})
