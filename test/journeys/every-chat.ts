import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Companion, type Journeys, journeysOn, type Seen, type Talking } from '../support/companions.ts'

/**
 * One conversation, whatever the chat: what a card cannot offer there to be tapped, it says how to type. `settings`: of
 * the server, once everything that it needs runs.
 */
export function conversationJourney(
  vendor: 'web' | Talking,
  settings: () => Promise<Readonly<Record<string, string>>> = async () => ({}),
): void {
  describe(`a conversation on ${vendor}`, () => {
    let journeys: Journeys
    const job = (name: string) => `${name}-${vendor}`

    beforeAll(async () => {
      journeys = await journeysOn(vendor, await settings())
    })
    afterAll(async () => {
      expect(journeys.world.faults).toEqual([])
      await journeys.close()
    })

    async function room(
      title: string,
    ): Promise<(name: Parameters<typeof journeys.world.as>[0]) => Companion> {
      const place = await journeys.room(title)
      return (name) => place.as(name)
    }
    async function attempts(name: string): Promise<number> {
      const { body } = await journeys.world.as('lin').get(`/jobs/${name}/attempts`)
      return body.items.length
    }
    async function running(name: string, cluster = 'session-a'): Promise<void> {
      await journeys.world.job(name, { cluster })
      const { body } = await journeys.world.as('mei').post(`/jobs/${name}/operations`, { verb: 'start' })
      if (cluster === 'session-b') await journeys.world.as('kai').post(`/operations/${body.id}/approve`, {})
      await journeys.world.as('lin').get(`/operations/${body.id}?wait=20s`)
    }

    it('lists the jobs, and starts one by what the list and its form ask for', async () => {
      const orders = job('orders')
      await journeys.world.job(orders)
      const lin = (await room('start'))('lin')

      expect((await lin.say('/job list')).text).toContain(orders)
      const form = await lin.say('/job start')
      await lin.send(form, { job: orders })

      expect((await lin.sees(new RegExp(`${orders} is running`))).text).toMatch(/Release 1/)
    })

    it('shows a restart on one card that edits itself, or the news of it where cards cannot', async () => {
      const clicks = job('clicks')
      await running(clicks)
      const as = await room('restart')

      await as('lin').say(`/job restart ${clicks}`)
      await as('lin').sees(new RegExp(`${clicks} is running again`))

      const underWay = await as('lin').standing(new RegExp(`${clicks} restarts next`))
      expect(underWay).toHaveLength(journeys.editsInRooms ? 0 : 1)
      expect(await attempts(clicks)).toBe(2)
    })

    it('asks a second person in production, not who asked, and says who approved', async () => {
      const payments = job('payments')
      await journeys.world.job(payments, { cluster: 'session-b' })
      const as = await room('approval')

      const asked = await as('mei').say(`/job start ${payments} because "launch"`)
      expect(asked.text).toMatch(/launch/)
      const own = await as('mei').press(asked, 'Approve')
      await reads(as('mei'), own, /somebody else/)
      const seen = await as('kai').sees(new RegExp(`Mei wants to start ${payments}`))
      await as('kai').press(seen, 'Approve')

      expect((await as('mei').sees(new RegExp(`${payments} is running`))).text).toMatch(/approved by Kai/)
      expect(await attempts(payments)).toBe(1)
    })

    it('goes back to the former release', async () => {
      const sessions = job('sessions')
      await running(sessions)
      const lin = (await room('rollback'))('lin')

      await lin.say(`/job release ${sessions} parallelism=2 note="wider"`)
      await lin.say(`/job restart ${sessions} to 2`)
      await lin.sees(new RegExp(`${sessions} is running again`))
      await lin.say(`/job rollback ${sessions}`)

      expect((await lin.sees(new RegExp(`${sessions} is back on release 1`))).text).toMatch(/savepoint/)
    })

    it('refuses who may not, and names who may', async () => {
      const stock = job('stock')
      await running(stock)
      const ada = (await room('refused'))('ada')

      expect((await ada.say(`/job stop ${stock}`)).text).toMatch(/Mei/)
      expect((await journeys.world.as('lin').get(`/jobs/${stock}`)).body.job.state.is).toBe('running')
    })

    it('asks which one, when a name fits several', async () => {
      await journeys.world.job(job('twin-a'))
      await journeys.world.job(job('twin-b'))
      const lin = (await room('ambiguous'))('lin')

      const which = await lin.say('/job show twin')
      expect(which.text).toContain(job('twin-a'))
      expect(which.text).toContain(job('twin-b'))
      const shown = await lin.press(which, job('twin-b'))

      expect(shown.text).toContain(job('twin-b'))
    })

    it('restarts once, however often and by whom the button is tapped', async () => {
      const double = job('double')
      await running(double)
      const as = await room('double')
      const shown = await as('lin').say(`/job show ${double}`)
      const mine = await as('mei').sees(new RegExp(double))

      await Promise.all([as('lin').press(shown, 'Restart'), as('mei').press(mine, 'Restart')])
      await as('lin').sees(new RegExp(`${double} is running again`))

      expect(await attempts(double)).toBe(2)
    })

    it('changes nothing by a tap on a card that things went on from', async () => {
      const stale = job('stale')
      await running(stale)
      const as = await room('stale')
      const old = await as('lin').say(`/job show ${stale}`)
      await as('mei').say(`/job restart ${stale}`)
      await as('mei').sees(new RegExp(`${stale} is running again`))

      const answer = await as('lin').press(old, 'Restart')

      await reads(as('lin'), answer, /This card is from|restarts next|is restarting/)
      // Where the card can only be typed from, a command is a new wish; a tap never is.
      if (old.buttons.includes('Restart')) expect(await attempts(stale)).toBe(2)
    })

    it('understands what was probably meant, and phone keyboards', async () => {
      const typed = job('typed')
      await journeys.world.job(typed)
      const lin = (await room('typed'))('lin')

      expect((await lin.say(`/job restrat ${typed}`)).text).toContain(`/job restart ${typed}`)
      expect((await lin.say(`／作业　查看　“${typed}”`)).text).toContain(typed)
    })

    if (vendor !== 'web') {
      it('does nothing of what came too late, and asks to say it again', async () => {
        const late = job('late')
        await running(late)
        const alone = await journeys.alone('lin')

        const answer = await alone.say(`/job stop ${late}`, { at: Date.now() - 3 * 60_000 })

        expect(answer.text).toMatch(/3 min/)
        expect((await journeys.world.as('lin').get(`/jobs/${late}`)).body.job.state.is).toBe('running')
      })

      it('lets a stranger link and nothing else, and somebody linked move to another member', async () => {
        const stranger = await journeys.stranger('Noa')

        const refused = await stranger.say('/job list')
        expect(refused.text).toMatch(/\/(link|绑定)/)
        expect(refused.text).not.toContain(job('orders'))

        await stranger.say(`/link ${await journeys.linkCode('vic')}`)
        expect((await stranger.say('/me')).text).toContain('Vic')
        const asked = await stranger.say(`/link ${await journeys.linkCode('ada')}`)
        const [move] = asked.buttons
        if (move) await stranger.press(asked, move)
        expect((await stranger.say('/me')).text).toContain('Ada')
      })
    }
  })
}

/** A toast is seen once; what stands in the chat may come after something else that changed meanwhile. */
async function reads(who: Companion, answer: Seen, words: RegExp): Promise<void> {
  if (!words.test(answer.text)) await who.sees(words)
}
