import { describe, expect, it } from 'vitest'
import { failureInLog } from '../../../../src/platform/runtimes/yarn/failure-in-log.ts'

const at = (second: string, level: string, text: string) =>
  `2026-11-27 12:04:${second},113 ${level} org.x.Y [] - ${text}`

const THROWN = [
  at('31', 'INFO ', 'Starting program (detached: false)'),
  at('32', 'WARN ', 'Could not execute application: '),
  'org.apache.flink.client.program.ProgramInvocationException: The main method caused an error: no topic',
  '\tat org.apache.flink.client.program.PackagedProgram.callMainMethod(PackagedProgram.java:373)',
  at('33', 'ERROR', 'Fatal error occurred in the cluster entrypoint.'),
  'java.util.concurrent.CompletionException: org.x.ApplicationExecutionException: Could not execute application.',
  '\tat java.base/java.lang.Thread.run(Thread.java:840)',
  'Caused by: java.lang.IllegalArgumentException: no topic',
  '\tat com.example.Orders.main(Orders.java:12)',
  '\t... 12 more',
  at('34', 'INFO ', 'Shutting down'),
].join('\n')

describe('the failure in a log', () => {
  it('is the root of the last error', () => {
    const cause = failureInLog(THROWN)

    expect(cause).toMatchObject({ exception: 'java.lang.IllegalArgumentException', message: 'no topic' })
    expect(cause?.stack).toContain('Orders.java:12')
    expect(cause?.stack).not.toContain('Shutting down')
  })

  it.each([
    ['is empty', ''],
    [
      'only warns',
      [at('01', 'WARN ', 'Hm'), 'java.io.IOException: gone for a moment', '\tat a.B.c(B.java:1)'].join('\n'),
    ],
    ['tells an error without a trace', at('01', 'ERROR', 'something')],
  ])('is none when it %s', (_, log) => {
    expect(failureInLog(log)).toBeNull()
  })
})
