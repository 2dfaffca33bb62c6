import { describe, expect, it } from 'vitest'
import {
  type FlinkMinor,
  flinkMinor,
  planRequest,
  type Run,
  runRequest,
  savepointRequest,
  stopRequest,
} from '../../../../src/platform/runtimes/job-manager/requests.ts'
import { flinkJobId } from '../../../../src/platform/runtimes/runtime.ts'

const RUN: Run = {
  jobId: flinkJobId('0123456789abcdef0123456789abcdef'),
  jobName: 'orders-cdc',
  entryClass: 'com.example.Orders',
  args: ['--rate', '10'],
  parallelism: 4,
  settings: { 'execution.checkpointing.interval': '10 s' },
  restore: { path: 'file:/sp/savepoint-1', claim: 'no-claim', allowNonRestored: false },
}

const PROGRAM = {
  entryClass: 'com.example.Orders',
  programArgsList: ['--rate', '10'],
  parallelism: 4,
  jobId: '0123456789abcdef0123456789abcdef',
}
const RESTORE = { savepointPath: 'file:/sp/savepoint-1', allowNonRestoredState: false }
const SETTINGS = {
  flinkConfiguration: { 'pipeline.name': 'orders-cdc', 'execution.checkpointing.interval': '10 s' },
}

const minor = (version: string): FlinkMinor => flinkMinor(version) ?? { major: 0, minor: 0 }

describe('request bodies', () => {
  it.each([
    ['1.14.6', { ...PROGRAM, ...RESTORE }],
    ['1.15.4', { ...PROGRAM, ...RESTORE, restoreMode: 'NO_CLAIM' }],
    ['1.16.1', { ...PROGRAM, ...RESTORE, restoreMode: 'NO_CLAIM' }],
    ['1.17.2', { ...PROGRAM, ...RESTORE, ...SETTINGS, restoreMode: 'NO_CLAIM' }],
    ['1.18.1', { ...PROGRAM, ...RESTORE, ...SETTINGS, restoreMode: 'NO_CLAIM' }],
    ['1.19.1', { ...PROGRAM, ...RESTORE, ...SETTINGS, restoreMode: 'NO_CLAIM' }],
    ['1.20.3', { ...PROGRAM, ...RESTORE, ...SETTINGS, claimMode: 'NO_CLAIM' }],
    ['2.0.0', { ...PROGRAM, ...RESTORE, ...SETTINGS, claimMode: 'NO_CLAIM' }],
    ['2.3.0', { ...PROGRAM, ...RESTORE, ...SETTINGS, claimMode: 'NO_CLAIM' }],
  ])('of a run on %s', (version, body) => {
    expect(runRequest(RUN, minor(version)).body).toEqual(body)
  })

  it.each([
    ['1.14.6', ['execution.checkpointing.interval']],
    ['1.16.1', ['execution.checkpointing.interval']],
    ['1.17.2', []],
    ['2.3.0', []],
  ])('of a run on %s tell what they cannot say', (version, notSent) => {
    expect(runRequest(RUN, minor(version)).notSent).toEqual(notSent)
  })

  it('of a run on 1.14 tell that files cannot be taken over', () => {
    const run: Run = {
      ...RUN,
      settings: {},
      restore: { path: '/sp', claim: 'claim', allowNonRestored: true },
    }

    expect(runRequest(run, minor('1.14.6')).notSent).toEqual(['claim mode'])
    expect(runRequest(run, minor('1.20.3')).body).toMatchObject({
      claimMode: 'CLAIM',
      allowNonRestoredState: true,
    })
  })

  it('leave out what was not asked for', () => {
    const bare: Run = { ...RUN, entryClass: null, args: [], parallelism: null, settings: {}, restore: null }

    expect(runRequest(bare, minor('1.16.1')).body).toEqual({ jobId: RUN.jobId })
  })

  it('of a plan carry no restore', () => {
    expect(planRequest(RUN, minor('1.20.3')).body).toEqual({ ...PROGRAM, ...SETTINGS })
  })

  it.each([
    ['1.14.6', { 'target-directory': '/sp', 'cancel-job': false }],
    ['1.15.4', { 'target-directory': '/sp', 'cancel-job': false, triggerId: 't' }],
    ['2.3.0', { 'target-directory': '/sp', 'cancel-job': false, triggerId: 't' }],
  ])('of a savepoint on %s', (version, body) => {
    expect(savepointRequest({ triggerId: 't', directory: '/sp' }, minor(version))).toEqual(body)
  })

  it.each([
    ['1.14.6', { targetDirectory: null, drain: true }],
    ['2.3.0', { targetDirectory: null, drain: true, triggerId: 't' }],
  ])('of a stop on %s', (version, body) => {
    expect(stopRequest({ triggerId: 't', directory: null, drain: true }, minor(version))).toEqual(body)
  })

  it.each([
    ['1.20.3', { major: 1, minor: 20 }],
    ['1.14.0-csa1.7.0.0', { major: 1, minor: 14 }],
    ['2.3-SNAPSHOT', { major: 2, minor: 3 }],
    ['unknown', null],
  ])('are chosen by the version %s', (version, expected) => {
    expect(flinkMinor(version)).toEqual(expected)
  })
})
