/**
 * The places where a crash is worth testing: before and after everything an operation tells the outside world.
 * Production hands in `noProbe`; only tests build an app with another, from code that is not part of the package.
 */
export const PROBE_POINTS = [
  'operation.claimed',
  'end.named',
  'end.sent',
  'end.answered',
  'attempt.ended',
  'savepoint.named',
  'savepoint.sent',
  'savepoint.recorded',
  'attempt.intended',
  'attempt.submitting',
  'attempt.submitted',
  'attempt.confirmed',
  'back.begun',
  'operation.ending',
  'operation.ended',
] as const
export type ProbePoint = (typeof PROBE_POINTS)[number]

export type Probe = (point: ProbePoint, jobName: string) => void | Promise<void>

export const noProbe: Probe = () => {}
