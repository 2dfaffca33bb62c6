import { expect, it } from 'vitest'
import { ownHealth } from '../../../src/platform/alerts/own-health.ts'
import type { Alarms } from '../../../src/platform/alerts/ports.ts'

const MINUTE = 60_000

/** What was told, in the order in which it was. */
function alarmed() {
  const told: string[] = []
  const alarms: Pick<Alarms, 'raise' | 'settle'> = {
    raise: async ({ kind, about }) =>
      void told.push(`${kind} ${JSON.stringify('labels' in about && about.labels)}`),
    settle: async (about, { kinds }) =>
      void told.push(`over: ${kinds?.join()} ${JSON.stringify('labels' in about && about.labels)}`),
  }
  return { told, read: { alarms: alarms as Alarms } }
}

it('tells that messages of a chat do not go out, as long as it is so, and that they do again', async () => {
  const { told, read } = alarmed()
  let oldestMs: number | null = 4 * MINUTE
  const health = ownHealth({
    read,
    deliveries: async () => [{ vendor: 'feishu', oldestMs }],
    looks: () => [],
  })

  await health.run(0)
  oldestMs = 6 * MINUTE
  await health.run(1)
  await health.run(2)
  oldestMs = null
  await health.run(3)
  await health.run(4)

  expect(told).toEqual([
    // Whatever a former process told.
    'over: delivery-failing {"chat":"feishu"}',
    'delivery-failing {"chat":"feishu"}',
    'delivery-failing {"chat":"feishu"}',
    'over: delivery-failing {"chat":"feishu"}',
  ])
})

it('tells which cluster it does not get to', async () => {
  const { told, read } = alarmed()
  const looks = () => [
    { cluster: 'a', ms: 5_000 },
    { cluster: 'b', ms: 3 * MINUTE },
  ]

  await ownHealth({ read, deliveries: async () => [], looks }).run(0)

  expect(told).toEqual(['over: watching-behind {"from":"a"}', 'watching-behind {"from":"b"}'])
})
