import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Chatting, chatting } from '../support/chatting.ts'

let world: Chatting

beforeAll(async () => {
  world = await chatting()
})

afterAll(async () => {
  expect(world.faults).toEqual([])
  await world.close()
})

describe('a day with a job', () => {
  it('starts, restarts on a new release and rolls back, each on a card that edits itself', async () => {
    await world.job('orders-cdc')
    const lin = world.chat('lin')

    const started = await lin.awaits(await lin.say('/job start orders-cdc'), /is running/)
    await lin.say('/job release orders-cdc parallelism=2 note="wider"')
    const onTwo = await lin.awaits(await lin.say('/job restart orders-cdc to 2'), /running again/)
    const back = await lin.awaits(await lin.say('/job rollback orders-cdc'), /back on release 1/)

    expect(started.text).toContain('Release 1')
    expect(onTwo.text).toContain('Release 2 · from the savepoint it took')
    expect(back.text).toContain('Release 1 · from the savepoint it took')
  })

  it('restarts once when two people tap at the same moment, and both see it', async () => {
    await world.job('double')
    const lin = world.chat('lin')
    await lin.awaits(await lin.say('/job start double'), /is running/)
    const shown = await lin.say('/job show double')

    const [first, second] = await Promise.all([
      lin.press(shown, 'Restart'),
      world.chat('mei').press(shown, 'Restart'),
    ])
    await lin.awaits(first, /running again/)

    const job = await world.as('lin').get('/jobs/double/attempts')
    expect(job.body.items).toHaveLength(2)
    expect(second.card.title).not.toMatch(/broke/i)
  })

  it('answers a tap on an old card politely and changes nothing', async () => {
    await world.job('stale')
    const lin = world.chat('lin')
    await lin.awaits(await lin.say('/job start stale'), /is running/)
    const old = await lin.say('/job show stale')
    await lin.awaits(await lin.say('/job restart stale'), /running again/)

    const answer = await lin.press(old, 'Restart')

    expect(answer.text).toMatch(/This card is from/)
    expect((await world.as('lin').get('/jobs/stale/attempts')).body.items).toHaveLength(2)
  })
})

describe('production', () => {
  it('asks a second person, not the requester, and shows who approved', async () => {
    await world.job('payments', { cluster: 'session-b' })
    const mei = world.chat('mei')
    const asked = await mei.say('/job start payments')

    const own = await mei.press(asked, 'Approve')
    const seen = await world.chat('kai').sees((card) => card.subject === asked.subject, 'the approval card')
    await world.chat('kai').press(seen, 'Approve')
    const done = await mei.awaits(asked, /is running/)
    const late = await world.chat('kai').press(seen, 'Approve')

    expect(own.text).toMatch(/somebody else/)
    expect(done.text).toContain('approved by Kai')
    expect(late.text).toMatch(/Kai approved this/)
  })

  it('does nothing when the second person rejects', async () => {
    await world.job('refunds', { cluster: 'session-b' })
    const asked = await world.chat('lin').say('/job start refunds')

    await world.chat('kai').press(asked, 'Reject')
    await world
      .chat('lin')
      .sees(
        (card) =>
          card.subject === asked.subject &&
          /Kai/.test(card.text) &&
          !card.buttons.some(({ label }) => label === 'Approve'),
        'the rejection',
      )

    expect((await world.as('lin').get('/jobs/refunds')).body.job.state.is).toBe('new')
  })
})

describe('being understood, or not', () => {
  it('knows what was probably meant', async () => {
    const answer = await world.chat('lin').say('/job restrat orders-cdc')

    expect(answer.text).toContain('/job restart orders-cdc')
  })

  it('names the place where a quote is never closed', async () => {
    const answer = await world.chat('lin').say("/job stop 'orders")

    expect(answer.text).toMatch(/character 11/)
  })

  it('asks for what is missing by a form', async () => {
    const answer = await world.chat('lin').say('/job restart')

    expect(answer.card.body.some((block) => block.is === 'form')).toBe(true)
  })

  it('tells who may do what somebody of another team may not', async () => {
    const answer = await world.chat('ada').say('/job stop orders-cdc')

    expect(answer.text).toContain('Mei')
    expect((await world.as('lin').get('/jobs/orders-cdc')).body.job.state.is).toBe('running')
  })

  it('understands Chinese words and phone keyboards', async () => {
    const answer = await world.chat('lin').say('／作业　查看　“orders-cdc”')

    expect(answer.card.title).toContain('orders-cdc')
  })
})
