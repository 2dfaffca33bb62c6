import { beforeEach, describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/platform/platform.ts'
import { formOf, labels, type TestChat, testChat } from '../support/chat.ts'

const RUNNING: Outcome = {
  is: 'running',
  release: 12,
  attempt: 2,
  tookMs: 41_000,
  restoredFrom: 'file:/sp/1',
  tasks: { running: 8, total: 8 },
  parallelism: null,
}

let chat: TestChat

beforeEach(async () => {
  chat = await testChat()
  chat.world.addMember('lin', 'Lin', 'developer')
  chat.world.addMember('mei', 'Mei', 'lead')
  chat.world.addMember('vi', 'Vi', 'viewer')
  chat.world.addJob('orders-cdc')
})

describe('asked and done', () => {
  it('shows a restart at once, and edits the same card until the job runs again', async () => {
    const [card] = await chat.as('lin').say('/job restart orders-cdc')
    expect(card?.card.title).toBe('orders-cdc restarts next')

    const [id = ''] = chat.world.begun
    chat.world.advance(id, { phase: 'stopping-with-savepoint', since: chat.clock.now(), tasks: null })
    chat.clock.pass(12_000)
    await chat.bot.follow(`operation:${id}`)
    expect(chat.now(card?.id ?? '').text).toBe(
      [
        'orders-cdc is restarting · preprod / team data · asked by Lin 14:02',
        'Release 12 · from the savepoint it takes now · usually 40 s',
        '▓▓░░░░ stopping with savepoint (12 s)',
        '[Cancel]',
      ].join('\n'),
    )

    chat.world.finish(id, RUNNING)
    await chat.bot.follow(`operation:${id}`)
    expect(chat.now(card?.id ?? '').text).toBe(
      [
        'orders-cdc is running again (41 s) · preprod / team data · asked by Lin 14:02',
        'Release 12 · from the savepoint it took, nothing replayed · 8/8 tasks',
        '[Show] [Logs]',
      ].join('\n'),
    )
    expect(chat.now(card?.id ?? '').version).toBe(3)
  })

  it('says the same in Chinese as one would', async () => {
    const [card] = await chat.as('lin', { language: 'zh' }).say('/作业 重启 orders-cdc')
    const [id = ''] = chat.world.begun
    chat.world.finish(id, RUNNING)
    await chat.bot.follow(`operation:${id}`)
    expect(chat.now(card?.id ?? '').text).toBe(
      [
        'orders-cdc 已恢复运行（用时 41 秒） · 预发 / 数据组 · Lin 14:02 发起',
        '版本 12 · 从刚做的 savepoint 恢复，无需重放 · 8/8 个任务',
        '[查看] [日志]',
      ].join('\n'),
    )
  })

  it('hears what a vendor sends twice only once', async () => {
    await chat.as('lin').say('/job restart orders-cdc', 'event-7')
    expect(await chat.as('lin').say('/job restart orders-cdc', 'event-7')).toEqual([])
    expect(chat.world.begun).toHaveLength(1)
  })

  it('does once what two people ask for at the same time, and both see it', async () => {
    const [first] = await chat.as('lin').say('/job restart orders-cdc')
    const [second] = await chat.as('mei').say('/job restart orders-cdc')

    expect(chat.world.begun).toHaveLength(1)
    expect(second?.text).toContain('Lin asked for the same at 14:02. It is done once; this is it.')
    const [id = ''] = chat.world.begun
    chat.world.finish(id, RUNNING)
    await chat.bot.follow(`operation:${id}`)
    for (const card of [first, second]) {
      expect(chat.now(card?.id ?? '').card.title).toBe('orders-cdc is running again (41 s)')
    }
  })

  it('draws a card that its operation overtook', async () => {
    const request = chat.world.platform.operations.request
    chat.world.platform.operations.request = async (...asked) => {
      const answer = await request(...asked)
      if (answer.ok) chat.world.finish(answer.operation.id, RUNNING)
      return answer
    }
    const [card] = await chat.as('lin').say('/job restart orders-cdc')
    expect(card?.card.title).toBe('orders-cdc is running again (41 s)')
  })
})

describe('a second person', () => {
  beforeEach(() => {
    chat.world.addJob('orders-prod', { environment: 'prod' })
  })

  it('shows the plan to who approves, and runs it when they do', async () => {
    const [card] = await chat
      .as('lin')
      .say('/job rollback orders-prod to 11 because "duplicate orders since 13:50"')
    expect(card?.text).toBe(
      [
        'Lin wants to roll orders-prod back to release 11 in prod · prod / team data · expires 14:17',
        'Release 12 → 11 · from the savepoint it takes now',
        'Stops the running job with a savepoint first',
        'Reason: "duplicate orders since 13:50"',
        '[Approve] [Reject] [Compare] [Cancel]',
      ].join('\n'),
    )

    chat.clock.pass(3 * 60_000)
    const [approved] = await chat.as('mei').press('Approve')
    expect(approved?.id).toBe(card?.id)
    expect(approved?.card.subtitle).toContain('approved by Mei 14:05')
  })

  it('does not let people approve what they asked for, and keeps the button for the others', async () => {
    const [card] = await chat.as('mei').say('/job restart orders-prod')
    const [refused] = await chat.as('mei').press('Approve', { ...(card && { on: card }) })
    expect(refused?.card.title).toBe('Your own request needs somebody else.')

    chat.world.addMember('ann', 'Ann', 'lead')
    await chat.as('ann').press('Approve', { ...(card && { on: card }) })
    expect(chat.world.operation(chat.world.begun[0] ?? '').approval?.decider).toBe('Ann')
  })

  it('answers a second tap with who was first', async () => {
    const [card] = await chat.as('lin').say('/job restart orders-prod')
    const on = { ...(card && { on: card }) }
    chat.clock.pass(3 * 60_000)
    await chat.as('mei').press('Approve', on)
    chat.world.addMember('ann', 'Ann', 'lead')
    const [late] = await chat.as('ann').press('Approve', on)
    expect(late?.card.title).toBe('Mei approved this at 14:05; it is waiting for its turn')
  })

  it('shows a request from elsewhere in the team’s chat', async () => {
    await chat.as('lin', { chat: 'web:other' }).say('/job restart orders-prod')
    await chat.bot.follow(`operation:${chat.world.begun[0]}`)
    await chat.bot.follow(`operation:${chat.world.begun[0]}`)
    const announced = chat.feed.filter((card) => card.chat === 'web:ops')
    expect(announced.map(({ card }) => card.title)).toEqual(['Lin wants to restart orders-prod in prod'])
  })

  it('does not decide a plan that has changed since the card', async () => {
    const [card] = await chat.as('lin').say('/job restart orders-prod')
    const [id = ''] = chat.world.begun
    chat.world.operations.set(id, { ...chat.world.operation(id), version: 2 })
    const [answer] = await chat.as('mei').press('Approve', { ...(card && { on: card }) })
    expect(answer?.card.title).toBe(
      'The plan has changed since you saw it. Look at it again before you decide.',
    )
    expect(chat.world.operation(id).state).toBe('waiting-approval')
  })
})

describe('not understood', () => {
  it('offers the command that was meant, as a button', async () => {
    const [card] = await chat.as('lin').say('/job restrat orders-cdc')
    expect(card?.card.title).toBe('I don\'t know "restrat"')
    expect(labels(card ?? { buttons: [] })).toEqual(['Yes: /job restart orders-cdc', 'Help'])

    await chat.as('lin').press('Yes: /job restart orders-cdc')
    expect(chat.world.begun).toHaveLength(1)
    expect(chat.heard.at(-1)?.text).toBe('/job restart orders-cdc')
  })

  it('offers near names of jobs', async () => {
    const [card] = await chat.as('lin').say('/job restart order-cdc')
    expect(card?.card.title).toBe('I know no job order-cdc')
    await chat.as('lin').press('orders-cdc')
    expect(chat.world.begun).toHaveLength(1)
  })

  it('points at the quote that is never closed', async () => {
    const [card] = await chat.as('lin').say("/job stop 'orders")
    expect(card?.text).toBe(
      ['The quote at character 11 is never closed', "/job stop 'orders", '          ^'].join('\n'),
    )
  })

  it('asks for what is missing, and does it when it is sent', async () => {
    const [card] = await chat.as('lin').say('/job stop')
    expect(card?.card.title).toBe('/job stop: a few things are missing')
    expect(formOf(card ?? chat.last).fields.find(({ name }) => name === 'job')?.input).toEqual({
      is: 'select',
      choices: [{ value: 'orders-cdc', label: 'orders-cdc · preprod' }],
    })

    await chat.as('lin').send({ job: 'orders-cdc', how: 'plain' })
    expect(chat.world.operation(chat.world.begun[0] ?? '').order).toEqual({ verb: 'stop', how: 'plain' })
  })

  it('says what is wrong with a value, and keeps the others', async () => {
    const [card] = await chat.as('lin').say('/job scale orders-cdc to many')
    expect(card?.card.title).toBe('"many" is not a whole number from 1 to 32768')
    expect(formOf(card ?? chat.last).fields.find(({ name }) => name === 'job')?.value).toBe('orders-cdc')
  })

  it('leaves people alone who talk to each other', async () => {
    const said = { eventId: 'e', at: 0, requestId: 'r', language: null, text: 'lunch?' }
    const speaker = { is: 'session', memberId: 'member_lin' } as const
    const shown = await chat.bot.hear({
      ...said,
      speaker,
      chat: { id: 'web:ops', vendor: 'web', title: 'ops', direct: false },
    })
    expect(shown).toEqual([])
  })
})

describe('not allowed', () => {
  it('says who can, and asks them', async () => {
    const [card] = await chat.as('vi').say('/job stop orders-cdc')
    expect(card?.text).toBe(
      [
        'In team data your role does not include stopping jobs',
        'Lin and Mei can; ask them here.',
        '[Ask the team]',
      ].join('\n'),
    )

    const [asked] = await chat.as('vi').press('Ask the team')
    expect(asked?.card.title).toBe('Vi asks Lin and Mei for help')
    await chat.as('lin').press('Do it')
    expect(chat.world.begun).toHaveLength(1)
  })

  it('shows only buttons that the asker may press', async () => {
    const [mine] = await chat.as('lin').say('/job show orders-cdc')
    expect(labels(mine ?? { buttons: [] })).toEqual(['Restart', 'Savepoint', 'Stop', 'Logs', 'History'])
    const [theirs] = await chat.as('vi').say('/job show orders-cdc')
    expect(labels(theirs ?? { buttons: [] })).toEqual(['History'])
  })

  it('lets an account that is not linked do nothing but link itself', async () => {
    const stranger = chat.as('ou_77', { stranger: true, chat: 'slack:C1' })
    const [card] = await stranger.say('/job list')
    expect(card?.card.title).toBe('I do not know you here yet')

    const [code] = await chat.as('lin').say('/link')
    expect(code?.text).toContain('/link GOOD-CODE')
    const [linked] = await stranger.say('/link GOOD-CODE')
    expect(linked?.card.title).toBe('You are linked: hello Lin')
    const [list] = await stranger.say('/job list')
    expect(list?.card.title).toBe('1 job')
    expect(chat.heard.map(({ text }) => text)).not.toContain('/link GOOD-CODE')
  })

  it('lets a disabled member do nothing', async () => {
    chat.world.addMember('old', 'Old', 'lead', { disabled: true })
    const [card] = await chat.as('old').say('/help')
    expect(card?.card.title).toBe('Old, your account is disabled')
  })
})

describe('taps', () => {
  it('takes one tap once', async () => {
    await chat.as('lin').say('/job show orders-cdc')
    const show = chat.last
    await chat.as('lin').press('Restart', { on: show })
    const [again] = await chat.as('lin').press('Restart', { on: show })
    expect(chat.world.begun).toHaveLength(1)
    expect(again?.card.title).toBe('You tapped this at 14:02')
  })

  it('refuses a tap on a card that is past', async () => {
    await chat.as('lin').say('/job show orders-cdc')
    const show = chat.last
    chat.clock.pass(60_000)
    chat.world.setJob('orders-cdc', { state: { is: 'stopped', savepointId: null } })
    const [stale] = await chat.as('lin').press('Restart', { on: show })
    expect(stale?.text).toBe(
      [
        'This card is from 14:02; orders-cdc has changed since',
        'Now: stopped. Look again before you decide.',
        '[Show]',
      ].join('\n'),
    )
    expect(chat.world.begun).toEqual([])
  })

  it('lets one look as often as one likes', async () => {
    await chat.as('lin').say('/job list')
    await chat.as('lin').say('/job restart orders-cdc')
    chat.world.finish(chat.world.begun[0] ?? '', RUNNING)
    await chat.bot.follow(`operation:${chat.world.begun[0]}`)
    const card = chat.last
    for (const _ of [1, 2]) {
      const [shown] = await chat.as('lin').press('Show', { on: card })
      expect(shown?.card.title).toBe('orders-cdc is running')
    }
  })

  it('does not take a press that was changed on the way', async () => {
    await chat.as('lin').say('/job show orders-cdc')
    const [button] = chat.last.buttons
    const [payload = '', signature] = (button?.press ?? '').split('.')
    const forged = Buffer.from(
      Buffer.from(payload, 'base64url').toString().replace('restart', 'stop'),
    ).toString('base64url')
    const shown = await chat.bot.press({
      eventId: 'forged',
      chat: { id: 'web:ops', vendor: 'web', title: 'ops' },
      speaker: { is: 'session', memberId: 'member_lin' },
      at: chat.clock.now(),
      requestId: 'req',
      language: null,
      press: `${forged}.${signature}`,
      values: {},
    })
    expect(shown[0]?.card.title).toBe('This button is not from here')
    expect(chat.world.begun).toEqual([])
  })
})

describe('something is wrong', () => {
  it('shows an incident in the team’s chat and edits it when it is over', async () => {
    const incident = chat.world.openIncident({
      kind: 'job-failed',
      subject: { is: 'job', id: 'job_orders-cdc', name: 'orders-cdc' },
      cause: {
        exception: 'java.lang.OutOfMemoryError',
        message: 'Java heap space',
        at: null,
        task: 'orders_snapshot',
        stack: 'java.lang.OutOfMemoryError: Java heap space',
      },
    })
    chat.clock.pass(120_000)
    await chat.bot.follow(`incident:${incident.id}`)
    const card = chat.feed.at(-1)
    expect(card?.card.title).toMatch(/^P1 · orders-cdc is down: /)
    expect(labels(card ?? { buttons: [] })).toEqual([
      ...['Acknowledge', 'Restart', 'Roll back', 'Logs', 'Show', 'Silence', 'Escalate'],
    ])

    const [acked] = await chat.as('lin').press('Acknowledge', { ...(card && { on: card }) })
    expect(acked?.id).toBe(card?.id)
    expect(acked?.text).toContain('Lin is on it since 14:04')

    chat.world.changeIncident(incident.id, { closed: { as: 'recovered', at: chat.clock.now(), by: null } })
    await chat.bot.follow(`incident:${incident.id}`)
    expect(chat.now(card?.id ?? '').card.title).toBe('orders-cdc is well again')
  })

  it('tells what to quote when we are at fault, and logs it', async () => {
    chat.world.platform.jobs.list = async () => {
      throw new Error('disk on fire')
    }
    const [card] = await chat.as('lin').say('/job list')
    expect(card?.card.title).toMatch(/^Something broke on our side \(request req_\d+\)$/)
    expect(chat.errors).toHaveLength(1)
  })
})

describe('secrets', () => {
  it('shows a token’s secret once, to who made it, and keeps it nowhere', async () => {
    const [made] = await chat.as('lin').say('/token create ci days=30')
    expect(made?.text).toContain('slc_very-secret')
    expect(made?.onlyFor).toBe('member_lin')
    expect(JSON.stringify(chat.feed)).not.toContain('slc_very-secret')
  })
})
