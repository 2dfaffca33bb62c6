import { resolve } from 'node:path'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLog } from '../../src/lib/log.ts'
import { createFlinkInstaller } from '../../src/platform/flink/flink-install.http.ts'
import { pipSettings } from '../../src/platform/flink/pip-settings.cli.ts'

const SHELF = resolve(import.meta.dirname, '../../.sluice-test/flink')

/**
 * The Flink that the real tests run on: `FLINK_HOME` when set, else a 1.20 under `.sluice-test/flink`, which all real
 * tests share and the first one installs.
 */
export async function realFlinkHome(): Promise<string> {
  const given = process.env.FLINK_HOME
  if (given) return given
  const result = await realInstaller().install('1.20')
  if (!result.ok) throw new Error(`No Flink for the real tests: ${JSON.stringify(result.problem)}`)
  return result.home.path
}

/** Installs the way `sluice flink install` does, into the shelf of the real tests or another. */
export function realInstaller(shelf = SHELF) {
  return createFlinkInstaller({
    ...{ shelf, clock: systemClock, log: silentLog },
    pip: () => pipSettings(process.env),
  })
}
