import { join } from 'node:path'
import { type Log, silentLog } from '../lib/log.ts'
import {
  createFlinkInstaller,
  type FlinkInstaller,
  type InstallProgress,
} from '../platform/flink/flink-install.http.ts'
import { createLocalClusters, type LocalClusters } from '../platform/flink/local-cluster.cli.ts'
import { pipSettings } from '../platform/flink/pip-settings.cli.ts'
import { loadSettings } from '../settings.file.ts'
import type { Settings } from '../settings.ts'
import type { Context } from './cli.ts'

/** The settings of this terminal; what is wrong with them ends the command. */
export function settingsOf({ environment, cwd }: Pick<Context, 'environment' | 'cwd'>): Settings {
  return loadSettings({ environment, cwd })
}

/** Commands speak in sentences; the log is for whoever looks for a fault. */
export async function logOf({ logLevel }: Settings): Promise<Log> {
  if (logLevel !== 'debug') return silentLog
  return (await import('../lib/log.pino.ts')).pinoLog('debug')
}

export function flinkInstaller(
  settings: Settings,
  {
    context,
    log,
    onProgress,
  }: { context: Context; log: Log; onProgress?: (progress: InstallProgress) => void },
): FlinkInstaller {
  // sluice.yaml may name the index too; pip itself knows only the environment.
  const environment = settings.pipIndexUrl
    ? { ...context.environment, PIP_INDEX_URL: settings.pipIndexUrl }
    : context.environment
  return createFlinkInstaller({
    shelf: join(settings.home, 'flink'),
    clock: context.clock,
    log,
    pip: () => pipSettings(environment),
    ...(onProgress && { onProgress }),
  })
}

export function localClusters(
  settings: Settings,
  { context, log }: { context: Context; log: Log },
): LocalClusters {
  const { home, searchPath } = settings
  return createLocalClusters({ home, searchPath, clock: context.clock, log })
}
