import { pino } from 'pino'
import type { Log } from './log.ts'

/** JSON lines on stderr, so that stdout stays for what a command prints. Secrets never get here unmasked. */
export function pinoLog(level: 'debug' | 'info' | 'warn' | 'error'): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ['secret', 'password', 'token', 'authorization', '*.secret', '*.password', '*.token'],
        censor: '***',
      },
      serializers: { error: pino.stdSerializers.err },
    },
    pino.destination({ fd: 2, sync: false }),
  )
  return {
    error: (fields, message) => logger.error(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    info: (fields, message) => logger.info(fields, message),
    debug: (fields, message) => logger.debug(fields, message),
  }
}
