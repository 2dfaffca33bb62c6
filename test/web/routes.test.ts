import { describe, expect, it } from 'vitest'
import { jobPath, query, routeOf, safeNext } from '../../web/rules/routes.ts'

describe('addresses', () => {
  it.each([
    ['/', { is: 'chat', chat: null }],
    ['/chat/ops', { is: 'chat', chat: 'ops' }],
    ['/jobs', { is: 'jobs' }],
    ['/jobs/new', { is: 'new-job' }],
    ['/jobs/new/logs', { is: 'job', job: 'new', tab: 'logs' }],
    ['/jobs/orders-cdc', { is: 'job', job: 'orders-cdc', tab: 'overview' }],
    ['/jobs/orders-cdc/diff', { is: 'job', job: 'orders-cdc', tab: 'diff' }],
    ['/jobs/orders-cdc/release', { is: 'new-release', job: 'orders-cdc' }],
    ['/jobs/a%20b', { is: 'job', job: 'a b', tab: 'overview' }],
    ['/jobs/%', { is: 'job', job: '%', tab: 'overview' }],
    ['/jobs/orders-cdc/nothing', { is: 'nowhere' }],
    ['/jobs/a/logs/b', { is: 'nowhere' }],
    ['/audit/x', { is: 'nowhere' }],
    ['/on-call', { is: 'on-call', schedule: null }],
    ['/on-call/data-primary', { is: 'on-call', schedule: 'data-primary' }],
    ['/on-call/data-primary/x', { is: 'nowhere' }],
    ['/setup', { is: 'setups' }],
    ['/setup/feishu', { is: 'setup', vendor: 'feishu' }],
    ['/setup/feishu/x', { is: 'nowhere' }],
    ['/sign-in', { is: 'sign-in' }],
    ['/elsewhere', { is: 'nowhere' }],
  ])('%s', (path, expected) => {
    expect(routeOf(path)).toEqual(expected)
  })

  it('leads back to the job whose path it made', () => {
    expect(routeOf(jobPath('订单 宽表', 'logs'))).toEqual({ is: 'job', job: '订单 宽表', tab: 'logs' })
  })

  it('leaves empty values out of a query', () => {
    expect(query({ team: 'data', like: '', cursor: null })).toBe('?team=data')
    expect(query({})).toBe('')
  })
})

describe('where to go after signing in', () => {
  it.each([
    ['/jobs?state=failed', '/jobs?state=failed'],
    ['https://evil.example', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/sign-in?code=x', '/'],
    [null, '/'],
  ])('%s goes to %s', (next, expected) => {
    expect(safeNext(next)).toBe(expected)
  })
})
