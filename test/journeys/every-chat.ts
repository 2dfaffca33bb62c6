import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Companion, type Journeys, journeysOn, type Seen, type Talking } from '../support/companions.ts'
import { until } from '../support/until.ts'

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
    /** To the simulated cluster in pre-production. */
    async function order(what: { do: string; job: string }): Promise<void> {
      const { body } = await journeys.world.as('mei').get('/clusters')
      const { address } =
        (body as { name: string; address: string }[]).find(({ name }) => name === 'session-a') ?? {}
      const order = { method: 'POST', body: JSON.stringify(what) }
      const answer = await fetch(`${address}/simulator/orders`, order)
      if (!answer.ok) throw new Error(`The cluster did not obey: ${await answer.text()}`)
    }
    async function flinkJob(name: string): Promise<string> {
      const { body } = await journeys.world.as('lin').get(`/jobs/${name}/attempts`)
      return (body as { items: { flinkJobId: string }[] }).items[0]?.flinkJobId ?? ''
    }
    async function tellOutside(labels: Record<string, string>): Promise<void> {
      const root = journeys.world.as('root')
      const made = await root.post('/alert-sources', {
        name: `source-${Object.values(labels)[0]?.toLowerCase()}`,
      })
      // As of a while ago, so that its group waits for no others.
      const alert = { labels, startsAt: new Date(Date.now() - 120_000).toISOString() }
      const answer = await fetch(`${journeys.world.url}/api/v2/alerts`, {
        method: 'POST',
        headers: { authorization: `Bearer ${made.body.token}`, 'content-type': 'application/json' },
        body: JSON.stringify([alert]),
      })
      if (!answer.ok) throw new Error(`The alert was not taken: ${await answer.text()}`)
    }
    async function firing(alertname: string): Promise<boolean> {
      const alerts = await journeys.world.app.core.stores.read.alerts.firing()
      return alerts.some(({ labels }) => labels.alertname === alertname)
    }
    const incident = async (id: string) =>
      (await journeys.world.as('mei').get(`/incidents/${id}`)).body.incident

    async function incidentNamed(title: string): Promise<boolean> {
      const { body } = await journeys.world.as('root').get('/incidents?state=open&limit=200')
      return body.items.some(({ labels }: { labels: Record<string, string> }) => labels.alertname === title)
    }
    /** Titles of incidents that nobody has taken. */
    async function waiting(): Promise<string[]> {
      const { body } = await journeys.world.as('root').get('/incidents?state=triggered&limit=200')
      return body.items.map(({ subject }: { subject: { name: string } }) => subject.name)
    }
    async function onCallAt(schedule: string, at: string): Promise<string | undefined> {
      const { body } = await journeys.world.as('mei').get(`/oncall/now?team=data&at=${at}`)
      const now = body as { schedule: string; members: { name: string }[] }[]
      return now.find((each) => each.schedule === schedule)?.members[0]?.name
    }
    async function attempts(name: string): Promise<number> {
      const { body } = await journeys.world.as('lin').get(`/jobs/${name}/attempts`)
      return body.items.length
    }
    async function running(name: string, over: { cluster?: string; args?: string[] } = {}): Promise<void> {
      const { cluster = 'session-a' } = over
      await journeys.world.job(name, { ...over, cluster })
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

    it('tells of a job that failed, who takes it, and that it is well again after a restart from the card', async () => {
      const broken = job('broken')
      // One that Flink itself does not restart.
      await running(broken, { args: ['--restarts', 'none'] })
      const as = await room('failure')
      // A room is known from the first words in it.
      await as('lin').say('/job list')
      const id = await flinkJob(broken)
      await order({ do: 'break-job', job: id })

      const told = await as('lin').sees(new RegExp(`P2 · ${broken} (is down|停止运行)`))
      await reads(as('lin'), await as('lin').press(told, own(told, ['Acknowledge', '我来处理'])), ON_IT)
      const [taken] = journeys.editsInRooms ? await as('mei').standing(ON_IT) : [told]
      await as('mei').press(taken ?? told, own(told, ['Restart', '重启']))

      await as('mei').sees(new RegExp(`${broken} is running again`))
      await as('lin').sees(new RegExp(`${broken} (is well again|已恢复正常)`))
      expect(await attempts(broken)).toBe(2)
    })

    it('sums the day up when somebody asks, with the rest behind a button', async () => {
      const lin = (await room('digest'))('lin')

      await lin.say('/digest now team=data')
      // Where a picture cannot be in a card it comes beside it.
      await lin.press(await lin.sees(/Team data[\s\S]*Details/), 'Details')

      // The picture is called by what it shows.
      await lin.sees(/Incidents(?! per day)/)
    })

    it('hides what a silence names, and tells at its end what still fires', async () => {
      const quiet = job('quiet')
      await journeys.world.job(quiet)
      const lin = (await room('silence'))('lin')
      const asked = await lin.say(`/silence ${quiet} 30m "upgrade" team=data`)
      const [confirm] = asked.buttons
      await lin.press(asked, confirm ?? '')
      const made = await lin.sees(/is silenced until[\s\S]*upgrade/)

      await tellOutside({ alertname: `NoData-${vendor}`, job: quiet, team: 'data', severity: 'critical' })
      const silenced = () => incidentNamed(`NoData-${vendor}`)
      // The group is looked at once before anything could be told.
      await until(async () => (await firing(`NoData-${vendor}`)) && !(await silenced()), {
        ...{ within: 20_000, what: 'the alert fires and is not told' },
      })
      await lin.press(made, 'End it now')

      await lin.sees(new RegExp(`NoData-${vendor}`))
    })

    if (vendor !== 'web') {
      it('calls the next one when nobody answers, and then who answers for the team, until somebody takes it', async () => {
        await journeys.world.as('mei').put(`/oncall/schedules/first-${vendor}`, schedule('lin'))
        await journeys.world.as('mei').put(`/oncall/schedules/second-${vendor}`, schedule('vic'))
        const step = (after: number, target: object) => ({ after, notify: [target] })
        const chain = await journeys.world.as('mei').put(`/oncall/chains/every-${vendor}`, {
          team: 'data',
          body: {
            ...{ tiers: ['P0'], repeat: 0 },
            steps: [
              step(0, { to: 'on-call', schedule: `first-${vendor}` }),
              step(1_000, { to: 'on-call', schedule: `second-${vendor}` }),
              step(1_000, { to: 'team', leads: true }),
              step(60_000, { to: 'team' }),
            ],
          },
        })
        expect(chain.status).toBe(204)
        const [lin, vic, mei] = [
          ...[await journeys.alone('lin'), await journeys.alone('vic'), await journeys.alone('mei')],
        ]

        const title = `kafka ${vendor} is gone`
        const opened = await journeys.world.as('mei').post('/incidents', { title, tier: 'P0', team: 'data' })
        expect(opened.status).toBe(201)
        const words = new RegExp(title)
        await lin?.sees(words)
        await vic?.sees(words)
        const called = await mei?.sees(words)
        const label = called && own(called, ['Acknowledge', '我来处理'])
        if (mei && called && label) await mei.press(called, label)

        await until(async () => (await incident(opened.body.id)).acked?.by === 'Mei', {
          ...{ within: 20_000, what: 'Mei is on it' },
        })
        expect(await incident(opened.body.id)).toMatchObject({ state: 'acknowledged' })
        await journeys.world.as('mei').delete(`/oncall/chains/every-${vendor}`)
      })

      it('gives a shift to who agrees to take it', async () => {
        const name = `swap-${vendor}`
        await journeys.world.as('mei').put(`/oncall/schedules/${name}`, schedule('lin'))
        const [lin, mei] = [await journeys.alone('lin'), await journeys.alone('mei')]

        await lin.say(`/oncall swap ${name} mei from=+1h to=+1h`)
        const asked = await mei.sees(/Lin asks Mei/)
        await mei.press(asked, 'I take it')

        const at = new Date(Date.now() + 5_400_000).toISOString()
        await until(async () => (await onCallAt(name, at)) === 'mei', {
          ...{ within: 20_000, what: 'the shift is Mei’s' },
        })
      })

      it('does nothing of what came too late, and asks to say it again', async () => {
        const late = job('late')
        await running(late)
        const alone = await journeys.alone('lin')

        await alone.say(`/job stop ${late}`, { at: Date.now() - 3 * 60_000 })

        await alone.sees(/3 min/)
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

      // WeCom bears so few messages a minute in one chat that those before the storm fill it.
      if (vendor !== 'wecom')
        it('folds a storm into one card, and takes all of it with one tap', async () => {
          const kai = (await room('storm'))('kai')
          await kai.say('/job list')
          const drafts = Array.from({ length: 15 }, (_, n) => ({
            title: `${vendor} ${n}`,
            tier: 'P2',
            team: 'data',
          }))
          for (const draft of drafts) await journeys.world.as('mei').post('/incidents', draft)

          const storm = await kai.sees(/(Storm: [23] incidents|告警风暴：同时出现 [23] 个问题)/)
          await kai.press(storm, own(storm, ['Acknowledge all', '全部认领']))

          await until(async () => (await waiting()).every((title) => !title.startsWith(`${vendor} `)), {
            ...{ within: 20_000, what: 'all of the storm is taken' },
          })
        })
    }
  })
}

function schedule(member: string) {
  const rotation = { unit: 'week', every: 1, starts: '2026-01-05T10:00', until: null, weekdays: null }
  const layers = [{ priority: 1, rotation: { ...rotation, participants: [[member]] } }]
  return { team: 'data', zone: 'Asia/Shanghai', layers }
}

/** A toast is seen once; what stands in the chat may come after something else that changed meanwhile. */
async function reads(who: Companion, answer: Seen, words: RegExp): Promise<void> {
  if (!words.test(answer.text)) await who.sees(words)
}

/** What is announced is in the chat's language, not in that of who looks. */
const ON_IT = /Lin (is on it|从 .* 起在处理)/

function own({ buttons }: Seen, labels: readonly [string, string]): string {
  return labels.find((label) => buttons.some((each) => each === label)) ?? labels[0]
}
