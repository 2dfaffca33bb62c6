import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { playTimelines, readTimelines } from '../../src/platform/alerts/rules/timeline.ts'

const FOLDER = new URL('./rules/', import.meta.url)

describe.each(readdirSync(FOLDER))('rules along the timelines of %s', (name) => {
  const read = readTimelines(readFileSync(new URL(name, FOLDER), 'utf8'))
  if (!read.ok) throw new Error(read.problems.join('\n'))

  it.each(read.value.timelines)('$name', (timeline) => {
    expect(playTimelines({ rules: read.value.rules, timelines: [timeline] })).toEqual([])
  })
})

describe('a file of timelines', () => {
  it('names what it cannot read, and where', () => {
    const wrong = readTimelines(
      'tests: [{ name: a, labels: {}, samples: { lag: "5 y3" }, expect: [{ at: 5 min, firing: [] }] }]',
    )

    expect(wrong).toEqual({
      ok: false,
      problems: ['tests.0.expect.0.at: "5 min" is no duration such as 5m'],
    })
  })

  it('says what fires instead of what should', () => {
    const read = readTimelines(`tests:
      - name: too hopeful
        labels: { env: prod, team: data, cluster: a, job: b }
        samples: { checkpoint_age: 20m }
        expect: [{ at: 0s, firing: [lag] }]`)
    if (!read.ok) throw new Error(read.problems.join())

    expect(playTimelines(read.value)).toEqual([
      { timeline: 'too hopeful', atMs: 0, expected: ['lag'], found: ['no-checkpoint'] },
    ])
  })
})
