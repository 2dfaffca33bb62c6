import { describe, expect, it } from 'vitest'
import type { ClusterFacts } from '../../src/cli/cluster-facts.http.ts'
import { clusterFindings, findingLine, summaryLine } from '../../src/cli/findings.ts'

const CLUSTER = { name: 'session-a', address: 'http://flink-a:8081', private: false }
const GOOD = { 'cluster.intercept-user-system-exit': 'THROW', 'high-availability.type': 'zookeeper' }

function facts(
  config: Record<string, string> | null,
  over: Partial<ClusterFacts & { is: 'answering' }> = {},
): ClusterFacts {
  return {
    is: 'answering',
    version: '1.20.3',
    slots: { taskManagers: 2, total: 8, free: 3 },
    config: config && new Map(Object.entries(config)),
    ...over,
  }
}

function levels(found: ClusterFacts, cluster = CLUSTER): string[] {
  return clusterFindings(cluster, found, 'en').map(({ level, said }) => `${level} ${said}`)
}

describe('what the doctor says about a cluster', () => {
  it('is one good line when all is well', () => {
    expect(levels(facts(GOOD))).toEqual([
      'ok http://flink-a:8081 · Flink 1.20.3 · 2 TaskManagers · 8 slots, 3 free',
    ])
  })

  it('warns when a job could take the JobManager along by System.exit()', () => {
    const [, warning] = levels(facts({ ...GOOD, 'cluster.intercept-user-system-exit': 'DISABLED' }))
    expect(warning).toContain('warn a job whose main() calls System.exit()')
    expect(levels(facts({ 'high-availability.type': 'zookeeper' }))).toHaveLength(2)
  })

  it.each([
    ['it is off by default', {}],
    ['it is switched off', { 'high-availability.type': 'NONE' }],
    ['it is switched off under its older name', { 'high-availability': 'none' }],
  ])('says what no high availability means when %s', (_, ha) => {
    const config = { 'cluster.intercept-user-system-exit': 'THROW', ...ha }
    expect(levels(facts(config))[1]).toContain('warn no high availability: when the JobManager ends')
    expect(levels(facts(config), { ...CLUSTER, private: true })[1]).toContain('ok no high availability')
  })

  it('reads high availability under its older name', () => {
    const config = { 'cluster.intercept-user-system-exit': 'THROW', 'high-availability': 'zookeeper' }
    expect(levels(facts(config))).toHaveLength(1)
  })

  it('fails a cluster that does not answer, and does not call its jobs dead', () => {
    const [line] = clusterFindings(CLUSTER, { is: 'silent', because: 'ECONNREFUSED' }, 'en')
    expect(line).toMatchObject({ level: 'fail' })
    expect(line?.said).toContain('may well be running')
  })

  it('warns of a cluster without slots, of a version never tried, and of a config that is hidden', () => {
    const empty = { taskManagers: 0, total: 0, free: 0 }
    expect(levels(facts(GOOD, { slots: empty }))[1]).toContain('warn it has no slots')
    expect(levels(facts(GOOD, { version: '1.11.2' }))[1]).toContain('warn Flink 1.11.2')
    expect(levels(facts(GOOD, { version: '1.14.0-csa1.7.0.0' }))).toHaveLength(1)
    expect(levels(facts(null))[1]).toContain('warn it does not show its config')
  })

  it('puts the cure behind each line, in colour only for a screen', () => {
    const finding = { level: 'fail', what: 'database', said: 'gone', cure: 'bring it back' } as const
    expect(findingLine(finding, 'en', false)).toBe('fail  database: gone → bring it back')
    expect(findingLine(finding, 'zh', true)).toContain('\u001b[31m异常\u001b[0m  database：gone')
    expect(summaryLine([finding], 'en')).toBe('1 failing, 0 to look at.')
  })
})
