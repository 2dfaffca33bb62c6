import { z } from 'zod'
import { STORABLE } from '../lib/storable.ts'
import { VERBS } from '../platform/platform.ts'

/** An instant inside, ISO 8601 with Z on the wire. */
export const time = z.codec(z.number(), z.iso.datetime(), {
  decode: (instant) => new Date(instant).toISOString(),
  encode: (text) => Date.parse(text),
})

export function list<T extends z.ZodType>(of: T) {
  return z.array(of).readonly()
}

export function page<T extends z.ZodType>(of: T) {
  return z.object({ items: list(of), next: z.string().nullable() })
}

export function text(max: number, min = 0) {
  return z.string().min(min).max(max).regex(STORABLE)
}

/** Names of jobs, clusters, teams …: what may be asked for. What may be given to a new one, the platform says. */
export const name = z
  .string()
  .min(1)
  .max(100)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is exactly what must not come in.
  .regex(/^[^/?#\s\u0000\ud800-\udfff]*$/u)

export const INTEGER = 'x-integer'

/** A whole number in a path or query. The wire has text there; the description says integer. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .meta({ [INTEGER]: { minimum: min, maximum: max } })
}

export const FLAG = 'x-flag'

export const flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .meta({ [FLAG]: true })

export const seq = z.string().regex(/^(0|[1-9]\d{0,17})$/)

export const pageQuery = {
  cursor: z.string().min(1).max(1000).optional(),
  limit: wholeNumber(1, 200).optional(),
}

export const verb = z.enum(VERBS)
export const language = z.enum(['zh', 'en'])
export const inBothLanguages = z.object({ zh: z.string(), en: z.string() })
export const titles = z.strictObject({ zh: text(100, 1), en: text(100, 1) })
export const nothing = z.null()

export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    near: z.array(z.string()).optional(),
    whoCan: z.array(z.object({ name: z.string(), displayName: z.string() })).optional(),
    reason: z.string().optional(),
  })
  .meta({ id: 'Problem' })
