import { maskText, maskWhole } from '../audit/mask-secrets.ts'
import type { LogPage, RuntimeCause } from '../runtimes/runtime.ts'

/** What Flink says may carry what a connector was told: secrets are masked before anybody reads it. */
export function maskLogs(page: LogPage): LogPage {
  return { ...page, lines: page.lines.map(maskText) }
}

export function maskCause(cause: RuntimeCause): RuntimeCause {
  return { ...cause, message: maskText(cause.message), stack: maskWhole(cause.stack) }
}
