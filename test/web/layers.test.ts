import { describe, expect, it } from 'vitest'
import { draftOf, type Layer, layerOf, newDraft } from '../../web/rules/layers.ts'

const layer: Layer = {
  priority: 2,
  calendar: { name: 'china', on: 'holidays' },
  rotation: {
    ...{ unit: 'day', every: 3, starts: '2026-01-05T18:00', until: null },
    weekdays: ['sat', 'sun'],
    participants: [['lin'], ['mei', 'kai']],
  },
}

describe('the form of a layer', () => {
  it('gives back what it was filled with', () => {
    expect(layerOf(draftOf(layer))).toEqual({ ok: true, value: layer })
  })

  it('reads people as they are typed on any keyboard', () => {
    const read = layerOf({ ...draftOf(layer), people: '@lin；mei，kai、wei' })

    expect(read.ok && read.value.rotation.participants).toEqual([['lin'], ['mei', 'kai', 'wei']])
  })

  it.each([
    ['people', { people: ' ; ' }],
    ['starts', { starts: 'tomorrow' }],
    ['number', { every: '0' }],
    ['number', { priority: '1.5' }],
    ['number', { unit: 'fortnight' }],
    ['days', { days: 'mon, moonday' }],
  ] as const)('names the field that says nothing that could be meant: %s', (wrong, over) => {
    expect(layerOf({ ...draftOf(layer), ...over })).toEqual({ ok: false, wrong })
  })

  it('begins with a week from today, and nobody yet', () => {
    const draft = newDraft(1, '2026-11-27')

    expect(layerOf(draft)).toEqual({ ok: false, wrong: 'people' })
    expect(layerOf({ ...draft, people: 'lin' })).toMatchObject({
      value: {
        priority: 1,
        rotation: { unit: 'week', every: 1, starts: '2026-11-27T10:00', weekdays: null },
      },
    })
  })
})
