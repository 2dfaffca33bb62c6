import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../src/platform/flink/diagnosis.ts'

describe('diagnosis', () => {
  it.each([
    ['java.lang.OutOfMemoryError: Java heap space', 'heap'],
    ['java.lang.OutOfMemoryError: Metaspace. The metaspace out-of-memory error has occurred.', 'metaspace'],
    ['java.lang.OutOfMemoryError: Direct buffer memory', 'direct-memory'],
    ['IOException: Insufficient number of network buffers: required 33', 'network-buffers'],
    ["Could not find any factory for identifier 'kafka' that implements", 'connector-missing'],
    ['NoResourceAvailableException: Could not acquire the minimum required resources.', 'no-slots'],
    ['Cannot map checkpoint/savepoint state for operator 91ce to the new program', 'state-unmappable'],
    ["FileNotFoundException: Cannot find checkpoint or savepoint file/directory 'x'", 'savepoint-missing'],
    [
      'org.apache.flink.runtime.client.DuplicateApplicationSubmissionException: Application …',
      'duplicate-submit',
    ],
    ['Flink user code attempted to exit JVM.', 'system-exit'],
    ['Heartbeat of TaskManager with id x timed out.', 'task-manager-lost'],
    ['SQL validation failed. From line 3, column 3 to line 3, column 6: Column not found', 'sql'],
  ])('reads %s', (text, id) => {
    expect(diagnose(`java.lang.RuntimeException: boom\nCaused by: ${text}`)?.id).toBe(id)
  })

  it('says nothing about what it does not know', () => {
    expect(diagnose('java.lang.IllegalStateException: order 7 has no customer')).toBeNull()
  })

  it('prefers the cause to its consequence', () => {
    const text =
      'Heartbeat of TaskManager timed out … NoResourceAvailableException … java.lang.OutOfMemoryError: Java heap space'

    expect(diagnose(text)?.id).toBe('heap')
  })

  it('speaks Chinese and English', () => {
    const found = diagnose('java.lang.OutOfMemoryError: Java heap space')

    expect(found?.cause).toEqual({ zh: '堆内存不足', en: 'no room in the heap' })
  })
})
