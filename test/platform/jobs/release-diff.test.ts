import { describe, expect, it } from 'vitest'
import type { Release } from '../../../src/platform/jobs/release.ts'
import { releaseChanges } from '../../../src/platform/jobs/release-diff.ts'

const jar = (more: object = {}): Release['program'] => ({
  is: 'jar',
  digest: 'a'.repeat(64),
  fileName: 'orders.jar',
  entryClass: 'com.acme.Orders',
  args: ['--topic', 'orders'],
  ...more,
})

const release = (more: Partial<Release> = {}): Release => ({
  jobId: 'job_1',
  number: 1,
  program: jar(),
  parallelism: 2,
  flinkSettings: { 'pipeline.max-parallelism': '128' },
  flinkVersion: null,
  clusterId: 'cluster_1',
  savepointDir: null,
  note: '',
  author: 'lin',
  createdAt: 0,
  ...more,
})

describe('what is different between two releases', () => {
  it('is nothing for equal ones, whatever their number, note and author', () => {
    expect(releaseChanges(release(), release({ number: 2, note: 'again', author: 'mei' }))).toEqual([])
  })

  it('names each field once, with both values', () => {
    const after = release({
      program: jar({ digest: 'b'.repeat(64), args: ['--topic', 'orders 2'] }),
      parallelism: null,
      flinkSettings: { 'pipeline.max-parallelism': '256', 'state.backend.type': 'rocksdb' },
      flinkVersion: 'flink-1.20',
      clusterId: 'cluster_2',
      savepointDir: 'file:///sp',
    })

    expect(releaseChanges(release(), after, (id) => id.replace('cluster_', 'session-'))).toEqual([
      { field: 'program', key: null, before: 'orders.jar (aaaaaaaa)', after: 'orders.jar (bbbbbbbb)' },
      { field: 'args', key: null, before: '--topic orders', after: '--topic "orders 2"' },
      { field: 'parallelism', key: null, before: '2', after: null },
      { field: 'setting', key: 'pipeline.max-parallelism', before: '128', after: '256' },
      { field: 'setting', key: 'state.backend.type', before: null, after: 'rocksdb' },
      { field: 'flinkVersion', key: null, before: null, after: 'flink-1.20' },
      { field: 'cluster', key: null, before: 'session-1', after: 'session-2' },
      { field: 'savepointDir', key: null, before: null, after: 'file:///sp' },
    ])
  })

  it('tells of SQL only that it changed', () => {
    const sql = (script: string) => release({ program: { is: 'sql', script } })

    expect(releaseChanges(sql('INSERT INTO a SELECT 1'), sql('INSERT INTO a SELECT 2'))).toEqual([
      { field: 'program', key: null, before: null, after: null },
    ])
  })

  it.each([
    [
      ['--db-password', 'one'],
      ['--db-password', 'two'],
    ],
    [['--db-password=one'], ['--db-password=two']],
    [
      ['--url', 'jdbc:mysql://u:one@h/db'],
      ['--url', 'jdbc:mysql://u:two@h/db'],
    ],
  ])('tells that the secret in %j changed, not what it is', (before, after) => {
    const changes = releaseChanges(
      release({ program: jar({ args: before }) }),
      release({ program: jar({ args: after }) }),
    )

    expect(changes).toHaveLength(1)
    expect(JSON.stringify(changes)).not.toMatch(/one|two/)
  })

  it('masks settings that are named like secrets', () => {
    const before = release({ flinkSettings: { 's3.secret-key': 'one' } })
    const after = release({ flinkSettings: { 's3.secret-key': 'two' } })

    expect(releaseChanges(before, after)).toEqual([
      { field: 'setting', key: 's3.secret-key', before: '***', after: '***' },
    ])
  })
})
