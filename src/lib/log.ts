/**
 * Structured logs for whoever is woken up. The message is fixed text; what varies goes into fields.
 * error = somebody must act now; warn = odd, but handled; info = what happened; debug = for us.
 */
export interface Log {
  error(fields: Record<string, unknown>, message: string): void
  warn(fields: Record<string, unknown>, message: string): void
  info(fields: Record<string, unknown>, message: string): void
  debug(fields: Record<string, unknown>, message: string): void
}

export const silentLog: Log = { error() {}, warn() {}, info() {}, debug() {} }
