import { describe, expect, it } from 'vitest'
import { SLACK_ABILITIES } from '../../../../src/bot/adapters/slack/abilities.ts'
import { formWindow, readPlace, readValues } from '../../../../src/bot/adapters/slack/form.ts'
import type { Field } from '../../../../src/bot/cards/card.ts'
import { modal } from '../../../fakes/chats/slack/blocks.ts'
import { shownSamples } from '../../../support/shown-samples.ts'
import { withBody } from './posting.ts'

const PLACE = { press: 'a.signed.form', channel: 'C0OPS00001', thread: null }
const submit = { label: 'Send', style: 'primary', press: PLACE.press } as const
const field = (more: Partial<Field>): Field => ({
  name: 'how',
  label: 'How',
  input: { is: 'text', placeholder: '', multiline: false },
  value: '',
  required: false,
  ...more,
})
const choices = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ value: `v${i}`, label: `V ${i}` }))

/** The window, as Slack takes it, of a form with this one field. */
function elementOf(more: Partial<Field>) {
  const form = { is: 'form', name: 'job stop', fields: [field(more)], submit } as const
  return modal.parse(formWindow(withBody(form), PLACE)).blocks[0]
}

describe('a form in a window', () => {
  it.each(
    shownSamples(SLACK_ABILITIES).filter(({ name }) => name.startsWith('form')),
  )('is one that Slack takes, and keeps where it was opened: $name', ({ shown }) => {
    const [form] = shown.card.body.flatMap((block) => (block.is === 'form' ? [block] : []))
    const place = { ...PLACE, press: form?.submit.press ?? '' }

    const view = modal.parse(formWindow(shown, place))

    expect(view.blocks.map(({ block_id }) => block_id)).toEqual(['field:job', 'field:how'])
    expect(readPlace(view.private_metadata ?? '')).toEqual(place)
  })

  it('is filled in with what is known', () => {
    const input = { is: 'select', choices: choices(3) } as const

    expect(elementOf({ input, value: 'v1' })?.element).toMatchObject({ initial_option: { value: 'v1' } })
    expect(elementOf({ value: 'a note' })?.element).toMatchObject({ initial_value: 'a note' })
    expect(elementOf({ input: { is: 'number', min: 1, max: 8 }, value: '4' })?.element).toMatchObject({
      initial_value: '4',
      min_value: '1',
      max_value: '8',
    })
  })

  it.each(['0', '9', '4.5', 'x', ''])('leaves a number out that would not be taken: %j', (value) => {
    expect(elementOf({ input: { is: 'number', min: 1, max: 8 }, value })?.element).not.toHaveProperty(
      'initial_value',
    )
  })

  it('offers each choice once, and asks for words where there are too many', () => {
    const twice = { is: 'select', choices: [...choices(2), ...choices(2)] } as const
    const many = { is: 'select', choices: choices(101) } as const

    expect(elementOf({ input: twice })?.element).toMatchObject({
      options: [{ value: 'v0' }, { value: 'v1' }],
    })
    expect(elementOf({ input: many })).toMatchObject({
      hint: { text: expect.stringContaining('v0 | v1') },
      element: { type: 'plain_text_input' },
    })
  })

  it('lets longer texts be written anew rather than cut', () => {
    expect(elementOf({ value: 'x'.repeat(3_001) })?.element).not.toHaveProperty('initial_value')
  })

  it('is none when the card has no such form any more', () => {
    expect(formWindow(withBody({ is: 'text', text: 'done' }), PLACE)).toBeNull()
  })

  it.each([
    '',
    '{',
    '[]',
    '{"press":"p"}',
    '{"press":"p","channel":"../x","thread":null}',
  ])('is not read from what is not ours: %j', (metadata) => {
    expect(readPlace(metadata)).toBeNull()
  })

  it('brings only what was filled in', () => {
    const state = {
      'field:job': { value: { value: 'orders' } },
      'field:how': { value: { selected_option: { value: 'plain' } } },
      'field:empty': { value: { value: null } },
      other: { value: { value: 'x' } },
    }

    expect(readValues(state)).toEqual({ job: 'orders', how: 'plain' })
    expect(readValues('x')).toEqual({})
  })
})
