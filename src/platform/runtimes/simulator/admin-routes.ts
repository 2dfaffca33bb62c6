import { z } from 'zod'
import { parsedJson } from '../../../lib/json.ts'
import { type Answer, json, refusal } from './answer.ts'
import type { World } from './world.ts'

/** What another process may do to a simulator: the same as the program that started it. Served only when asked for. */

const fault = z.discriminatedUnion('is', [
  z.object({ is: z.literal('slow'), ms: z.number().int().nonnegative() }),
  ...(['drop-answer', 'drop-request', 'leader-election', 'garbage', 'cut', 'wrong-length'] as const).map(
    (is) => z.object({ is: z.literal(is) }),
  ),
])

const order = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('add-fault'),
    on: z.string(),
    fault,
    times: z.number().int().positive().optional(),
  }),
  z.object({ do: z.literal('clear-faults') }),
  z.object({ do: z.literal('break-job'), job: z.string() }),
  z.object({ do: z.literal('mend-job'), job: z.string() }),
  z.object({ do: z.literal('finish-job'), job: z.string() }),
  z.object({ do: z.literal('kill-task-manager') }),
  z.object({ do: z.literal('add-task-manager') }),
])

type Order = z.output<typeof order>

/** POST /simulator/orders `{"do":"break-job","job":"…"}`. */
export async function adminRoutes(world: World, url: string, body: string): Promise<Answer> {
  if (url !== '/simulator/orders') return refusal(404, `Not found: ${url}`)
  const parsed = order.safeParse(parsedJson(body))
  if (!parsed.success) return refusal(400, z.prettifyError(parsed.error))
  obey(world, parsed.data)
  return json({ done: parsed.data.do })
}

function obey(world: World, order: Order): void {
  const { control, faults } = world
  switch (order.do) {
    case 'add-fault':
      faults.add({
        on: new RegExp(order.on),
        fault: order.fault,
        ...(order.times === undefined ? {} : { times: order.times }),
      })
      break
    case 'clear-faults':
      faults.clear()
      break
    case 'break-job':
      control?.breakJob(order.job)
      break
    case 'mend-job':
      control?.mendJob(order.job)
      break
    case 'finish-job':
      control?.finishJob(order.job)
      break
    case 'kill-task-manager':
      control?.killTaskManager()
      break
    case 'add-task-manager':
      control?.addTaskManager()
      break
  }
}
