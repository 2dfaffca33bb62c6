import { describe, expect, it } from 'vitest'
import { noiseIn, type ToldByRule } from '../../../src/platform/digests/noise.ts'

function told(times: number, change: Partial<ToldByRule> & { value?: number } = {}): ToldByRule[] {
  const { value = 70_000, ...rest } = change
  const measured = { metric: 'checkpoint_duration', value, limit: 60_000, unit: 'ms', usual: null }
  return Array.from({ length: times }, () => ({
    ...{ kind: 'checkpoint-slow', job: 'dm-orders', measured, acted: false },
    ...rest,
  }))
}

describe('noise', () => {
  it('is what was told three times and more, and nobody acted on', () => {
    expect(noiseIn(told(14))).toEqual([
      { rule: 'checkpoint-slow', job: 'dm-orders', times: 14, acted: 0, suggestion: '90s' },
    ])
    expect(noiseIn(told(2))).toEqual([])
  })

  it('is nothing that people act on half of the time', () => {
    expect(noiseIn([...told(2), ...told(2, { acted: true })])).toEqual([])
  })

  it('suggests no limit where somebody acted on some of it', () => {
    expect(noiseIn([...told(5), ...told(1, { acted: true })])[0]).toMatchObject({
      acted: 1,
      suggestion: null,
    })
  })

  it('never calls a job that fails noise', () => {
    expect(noiseIn(told(9, { kind: 'job-failed' }))).toEqual([])
  })

  it.each([
    ['ms', 61_000, '90s'],
    ['ms', 170_000, '4m'],
    ['ms', 5_000_000, '120m'],
    ['bytes', 5 * 1024 ** 3, '6GiB'],
    ['records', 41_234, '46000'],
    ['share', 0.84, '85%'],
    ['share', 0.97, null],
  ])('suggests a round limit above what was measured: %s %d → %s', (unit, value, suggestion) => {
    const measured = { metric: 'x', value, limit: 0.5, unit, usual: null }

    expect(noiseIn(told(3, { measured }))[0]?.suggestion).toBe(suggestion)
  })
})
