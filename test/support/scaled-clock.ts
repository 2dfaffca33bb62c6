import { type Clock, systemClock } from '../../src/lib/clock.ts'

/** Time that goes `speed` times as fast from `from` on, the same in every process that is told so. */
export function scaledClock({ speed, from }: { speed: number; from: number }): Clock {
  return {
    now: () => from + (Date.now() - from) * speed,
    sleep: (ms, signal) => systemClock.sleep(Math.ceil(ms / speed), signal),
  }
}
