import { z } from 'zod'
import type { FlinkJobId, Order, ReleaseDraft } from '../platform/platform.ts'
import { restartPolicy } from './core-schemas.ts'
import { given } from './paging.ts'
import { name, text } from './schemas.ts'

/** What people send about jobs. */

const DIGEST = /^[0-9a-f]{64}$/
const MOST_SETTINGS = 200
const parallelism = z.int().min(1).max(32_768)
const releaseNumber = z.int().min(1).max(1_000_000)

export const releaseBody = z.strictObject({
  program: z
    .discriminatedUnion('is', [
      z.strictObject({
        is: z.literal('jar'),
        digest: z.string().regex(DIGEST),
        entryClass: text(500, 1).nullable().optional(),
        args: z.array(text(10_000)).max(200).optional(),
      }),
      z.strictObject({ is: z.literal('sql'), script: text(500_000, 1) }),
    ])
    .optional(),
  parallelism: parallelism.nullable().optional(),
  flinkSettings: z
    .record(text(200, 1), text(10_000))
    .refine((settings) => Object.keys(settings).length <= MOST_SETTINGS)
    .optional(),
  flinkVersion: name.nullable().optional(),
  savepointDir: text(1000, 1).nullable().optional(),
  note: text(1000).optional(),
})

export const jobBody = z.strictObject({
  name,
  team: name,
  cluster: name,
  kind: z.enum(['jar', 'sql']),
  note: text(1000).optional(),
  restartPolicy: restartPolicy.optional(),
  release: releaseBody,
})

export function releaseDraft({ program, ...rest }: z.output<typeof releaseBody>): ReleaseDraft {
  if (!program) return given(rest)
  if (program.is === 'sql') return { ...given(rest), program }
  const { is, digest, ...more } = program
  return { ...given(rest), program: { is, digest, ...given(more) } }
}

const from = z
  .discriminatedUnion('is', [
    z.strictObject({ is: z.literal('latest') }),
    z.strictObject({ is: z.literal('none') }),
    z.strictObject({ is: z.literal('savepoint'), id: text(200, 1) }),
  ])
  .default({ is: 'latest' })

const extra = {
  reason: text(1000, 1).nullable().default(null),
  /** Goes on where Sluice would stop and ask; needs a reason and the right job:force. */
  force: z.boolean().default(false),
}
const release = releaseNumber.nullable().default(null)

export const operationBody = z.discriminatedUnion('verb', [
  z.strictObject({ verb: z.literal('start'), release, from, ...extra }),
  z.strictObject({
    verb: z.literal('stop'),
    how: z.enum(['savepoint', 'drain', 'plain']).default('savepoint'),
    ...extra,
  }),
  z.strictObject({
    verb: z.literal('restart'),
    release,
    how: z.enum(['savepoint', 'plain']).default('savepoint'),
    from,
    ...extra,
  }),
  z.strictObject({ verb: z.literal('rollback'), to: release, from, ...extra }),
  z.strictObject({ verb: z.literal('savepoint'), ...extra }),
  z.strictObject({ verb: z.literal('scale'), parallelism, ...extra }),
  z.strictObject({ verb: z.literal('cancel'), ...extra }),
  z.strictObject({
    verb: z.literal('adopt'),
    flinkJobId: z.string().regex(/^[0-9a-f]{32}$/),
    release,
    ...extra,
  }),
])

export function orderOf({ reason: _, force: __, ...order }: z.output<typeof operationBody>): Order {
  if (order.verb !== 'adopt') return order
  // The schema has checked that it is a Flink job id.
  return { ...order, flinkJobId: order.flinkJobId as FlinkJobId }
}
