import { describe, expect, it } from 'vitest'
import {
  causesFrom,
  highAvailabilityOf,
  leavesOpen,
  normalPath,
  readFlinkError,
  rootCause,
  saysDuplicate,
  sentenceOf,
  triggerSight,
} from '../../../../src/platform/runtimes/job-manager/answers.ts'
import { exceptions, trigger } from '../../../../src/platform/runtimes/job-manager/schemas.ts'

const FRAME =
  '\tat org.apache.flink.runtime.webmonitor.handlers.JarRunHandler.lambda$handleRequest$1(JarRunHandler.java:114)'
const COULD_NOT = [
  `org.apache.flink.runtime.rest.handler.RestHandlerException: Could not execute application.\n${FRAME}`,
  `java.util.concurrent.CompletionException: org.apache.flink.util.FlinkRuntimeException: Could not execute application.\n${FRAME}\n\t... 12 more`,
].join('\nCaused by: ')

function refused(...causes: string[]) {
  const error = readFlinkError({ errors: [[COULD_NOT, ...causes].join('\nCaused by: ')] })
  if (!error) throw new Error('not an error document')
  return error
}

describe('the root cause of an answer', () => {
  it.each([
    [
      'org.apache.flink.runtime.client.DuplicateJobSubmissionException: Job has already been submitted.',
      'Job has already been submitted.',
    ],
    [
      'java.lang.IllegalArgumentException: expected --name value, got orders',
      'expected --name value, got orders',
    ],
    [
      'org.apache.flink.util.FlinkRuntimeException: No jobs included in application.',
      'No jobs included in application.',
    ],
    [
      "java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory 'x' on file system 'file'.",
      "Cannot find checkpoint or savepoint file/directory 'x' on file system 'file'.",
    ],
    ['java.lang.ClassNotFoundException: com.example.Orders', 'ClassNotFoundException: com.example.Orders'],
    ['java.lang.NullPointerException', 'NullPointerException'],
    [
      'java.lang.ExceptionInInitializerError\n\tat com.example.Orders.<clinit>(Orders.java:1)',
      'ExceptionInInitializerError',
    ],
  ])('is the last one: %s', (cause, sentence) => {
    expect(sentenceOf(refused('java.lang.RuntimeException: outer', `${cause}\n${FRAME}`))).toBe(sentence)
  })

  it('is stripped of the classes that wrapping put in front', () => {
    const text =
      'java.util.concurrent.CompletionException: org.apache.flink.util.FlinkException: java.io.IOException: disk full'

    expect(rootCause(text)).toEqual({ exception: 'java.io.IOException', message: 'disk full' })
  })

  it('is an outer one where only that knows line and column', () => {
    const stack = [
      `org.apache.flink.table.api.ValidationException: SQL validation failed. SQL validation failed. From line 3, column 3 to line 3, column 6: Column 'nope' not found in any table\n${FRAME}`,
      `org.apache.calcite.sql.validate.SqlValidatorException: Column 'nope' not found in any table\n${FRAME}`,
    ].join('\nCaused by: ')

    expect(rootCause(stack).message).toBe(
      "SQL validation failed. From line 3, column 3 to line 3, column 6: Column 'nope' not found in any table",
    )
  })

  it('keeps the number of the statement that the SQL runner named', () => {
    const stack = [
      `java.lang.RuntimeException: statement 2: Unable to create a sink\n${FRAME}`,
      `org.apache.flink.table.api.ValidationException: Could not find any factory for identifier 'kafka'\n${FRAME}`,
    ].join('\nCaused by: ')

    expect(rootCause(stack).message).toBe("statement 2: Could not find any factory for identifier 'kafka'")
  })

  it('loses the list of what the parser would have liked', () => {
    const stack = `org.apache.flink.table.api.SqlParserException: SQL parse failed. Encountered "src" at line 1, column 15.\nWas expecting one of:\n    "FROM" ...\n    "," ...\n${FRAME}`

    expect(rootCause(stack).message).toBe('SQL parse failed. Encountered "src" at line 1, column 15.')
  })

  it('is found inside the second entry of an internal error', () => {
    const error = readFlinkError({
      errors: [
        'Internal server error.',
        `<Exception on server side:\norg.apache.flink.client.program.ProgramInvocationException: The program's entry point class 'x' was not found in the jar file.\n${FRAME}\nCaused by: java.util.zip.ZipException: zip END header not found\n${FRAME}\n\nEnd of exception on server side>`,
      ],
    })

    expect(error).toMatchObject({
      exception: 'java.util.zip.ZipException',
      message: 'zip END header not found',
    })
  })

  it('is not looked for in what is no error document of Flink', () => {
    expect(readFlinkError({ message: 'forbidden' })).toBeNull()
    expect(readFlinkError('<html>')).toBeNull()
  })
})

describe('an error answer to a submit', () => {
  it.each([
    'org.apache.flink.runtime.client.DuplicateJobSubmissionException: Job has already been submitted.',
    'org.apache.flink.runtime.client.DuplicateApplicationSubmissionException: Application has already been submitted.',
  ])('says duplicate: %s', (cause) => {
    expect(saysDuplicate(refused(cause))).toBe(true)
  })

  it.each([
    [400, 'java.lang.RuntimeException: boom', false],
    [400, 'java.util.concurrent.TimeoutException: Invocation of submitJob timed out', true],
    [
      500,
      "org.apache.flink.client.program.ProgramInvocationException: The program's entry point class 'x' was not found in the jar file.",
      false,
    ],
    [500, 'java.util.zip.ZipException: zip END header not found', false],
    [500, 'java.lang.OutOfMemoryError: Java heap space', true],
    [
      503,
      'org.apache.flink.runtime.rpc.exceptions.FencingTokenException: Discard message LocalFencedMessage',
      true,
    ],
  ])('%i with %s: leaves open whether a job comes: %s', (status, cause, open) => {
    expect(leavesOpen(status, refused(cause))).toBe(open)
  })
})

describe('the causes of a failed job', () => {
  const suppressed = `org.apache.flink.runtime.JobException: Recovery is suppressed by NoRestartBackoffTimeStrategy\n${FRAME}\nCaused by: java.lang.IllegalStateException: told to break\n\tat sluice.examples.CounterJob.maybe(CounterJob.java:148)`
  const noRoom = `org.apache.flink.runtime.jobmanager.scheduler.NoResourceAvailableException: Could not acquire the minimum required resources.\n${FRAME}`
  const lost = `org.apache.flink.runtime.jobmaster.JobMasterException: TaskManager with id a is no longer reachable.\n${FRAME}`
  const entry = (stacktrace: string, timestamp: number, taskName: string | null = null) => ({
    exceptionName: stacktrace.split(':')[0],
    stacktrace,
    timestamp,
    taskName,
  })
  const read = (body: unknown) => causesFrom(exceptions.parse(body))

  it('look behind "Recovery is suppressed"', () => {
    expect(read({ exceptionHistory: { entries: [entry(suppressed, 7, 'count (1/1)')] } })).toMatchObject([
      { exception: 'java.lang.IllegalStateException', message: 'told to break', at: 7, task: 'count (1/1)' },
    ])
  })

  it('put the missing slots behind what made them missing', () => {
    const causes = read({ exceptionHistory: { entries: [entry(noRoom, 9), entry(lost, 8)] } })

    expect(causes.map(({ message }) => message)).toEqual([
      'TaskManager with id a is no longer reachable.',
      'Could not acquire the minimum required resources.',
    ])
  })

  it('are told once when a loop repeats them', () => {
    const causes = read({
      exceptionHistory: { entries: [entry(suppressed, 3), entry(suppressed, 2), entry(suppressed, 1)] },
    })

    expect(causes).toHaveLength(1)
    expect(causes[0]?.at).toBe(3)
  })

  it('are read from the old format where there is no history', () => {
    expect(read({ 'root-exception': suppressed, timestamp: 5, 'all-exceptions': [] })).toMatchObject([
      { message: 'told to break', at: 5 },
    ])
  })

  it('are none for a job that never failed', () => {
    expect(read({ 'root-exception': null, timestamp: null, exceptionHistory: { entries: [] } })).toEqual([])
    expect(read({ exceptionHistory: { entries: [], truncated: false } })).toEqual([])
  })
})

describe('a trigger', () => {
  it.each([
    [{ status: { id: 'IN_PROGRESS' }, operation: null }, { is: 'in-progress' }],
    [
      { status: { id: 'COMPLETED' }, operation: { location: 'file:///sp/savepoint-1/' } },
      { is: 'done', path: 'file:/sp/savepoint-1' },
    ],
    [
      {
        status: { id: 'COMPLETED' },
        operation: {
          location: null,
          'failure-cause': {
            class: 'x.FlinkJobNotFoundException',
            'stack-trace': `org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (abc)\n${FRAME}`,
          },
        },
      },
      { is: 'failed', because: 'Could not find Flink job (abc)' },
    ],
    [
      { status: { id: 'COMPLETED' }, operation: null },
      { is: 'unknown', because: 'Flink says COMPLETED and gives no path' },
    ],
  ])('reads %j', (body, sight) => {
    expect(triggerSight(trigger.parse(body))).toEqual(sight)
  })
})

describe('paths and config', () => {
  it.each([
    ['file:///sp/a', 'file:/sp/a'],
    ['file:/sp/a/', 'file:/sp/a'],
    ['hdfs:///sp/a', 'hdfs:///sp/a'],
  ])('%s is %s', (path, normal) => {
    expect(normalPath(path)).toBe(normal)
  })

  it.each([
    [[{ key: 'high-availability.type', value: 'zookeeper' }], true],
    [[{ key: 'high-availability', value: 'NONE' }], false],
    [[{ key: 'rest.port', value: '8081' }], false],
    [[], null],
  ])('high availability of %j is %s', (config, on) => {
    expect(highAvailabilityOf(config)).toBe(on)
  })
})
