import { z } from 'zod'

/** What `npm audit --json` says; only what we read. */
const advisory = z.object({ url: z.string(), title: z.string(), severity: z.string(), range: z.string() })
const auditReport = z.object({
  vulnerabilities: z.record(z.string(), z.object({ via: z.array(z.union([z.string(), advisory])) })),
})
const auditError = z.object({ statusCode: z.number() })

export type Verdict =
  | { is: 'fine'; known: readonly string[] }
  | { is: 'unexplained'; advisories: readonly string[] }
  /** The registry that npm is set up for answers no audits. */
  | { is: 'not-offered'; because: string }

const GRAVE = new Set(['high', 'critical'])
const NOT_OFFERED = new Set([404, 405, 501])

/** A high or critical advisory needs a written reason: its GHSA id in docs/decisions/advisories.md. */
export function judgeAudit(answer: unknown, reasons: string): Verdict {
  const error = auditError.safeParse(answer)
  if (error.success && NOT_OFFERED.has(error.data.statusCode)) {
    return { is: 'not-offered', because: `HTTP ${error.data.statusCode}` }
  }
  const { vulnerabilities } = auditReport.parse(answer)
  const grave = Object.entries(vulnerabilities).flatMap(([name, { via }]) =>
    via
      .filter((one) => typeof one !== 'string')
      .filter(({ severity }) => GRAVE.has(severity))
      .map((one) => ({ id: one.url.split('/').at(-1) ?? one.url, name, ...one })),
  )
  const unexplained = grave.filter(({ id }) => !reasons.includes(id))
  if (unexplained.length === 0) return { is: 'fine', known: grave.map(({ id }) => id) }
  return {
    is: 'unexplained',
    advisories: unexplained.map(
      ({ id, name, range, severity, title }) => `${id} (${severity}) ${name} ${range}: ${title}`,
    ),
  }
}
