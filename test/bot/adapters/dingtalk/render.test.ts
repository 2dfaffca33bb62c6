import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import template from '../../../../deploy/dingtalk/sluice-card.json' with { type: 'json' }
import { dingtalkCard } from '../../../../scripts/dingtalk-card.ts'
import { DINGTALK_ABILITIES, dingtalkAbilities } from '../../../../src/bot/adapters/dingtalk/abilities.ts'
import { pngsOf } from '../../../../src/bot/adapters/dingtalk/pictures.http.ts'
import { drawCard, drawMarkdown, MAX_VALUE_BYTES } from '../../../../src/bot/adapters/dingtalk/render.ts'
import type { ShownBlock, ShownCard } from '../../../../src/bot/cards/card.ts'
import { changedCard, markdownOf, readButtons } from '../../../fakes/chats/dingtalk/calls.ts'
import { plainText } from '../../../fakes/chats/dingtalk/seen.ts'
import { shownSample, shownSamples } from '../../../support/shown-samples.ts'

const FOLDER = join(import.meta.dirname, '../../../samples/dingtalk/cards')
const CHAT = 'cid6bFJ7aQ0zvWmfrVQxA8q=='
const MARKDOWN_ABILITIES = dingtalkAbilities({ cardTemplateId: null })

const plain = shownSample(DINGTALK_ABILITIES, 'plain')
const withBody = (...body: ShownBlock[]): ShownCard => ({ ...plain, card: { ...plain.card, body } })
const drawn = (shown: ShownCard) =>
  drawCard(shown, { chat: CHAT, pictures: pngsOf(shown).map((_png, i) => `@lADpicture${i}`) })
const bodyOf = (shown: ShownCard) =>
  Object.entries(drawn(shown).params)
    .filter(([name, value]) => name.startsWith('body') && value !== '')
    .map(([, value]) => plainText(value))
    .join('\n')
const fileOf = (name: string) => name.replace(/[ ()]+/g, '-').replace(/-$/, '')

/** Values that are JSON are shown as such: a golden file is there to be read. */
function readable(params: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      name.startsWith('buttons') ? JSON.parse(value) : value.includes('\n') ? value.split('\n') : value,
    ]),
  )
}

describe('a card on DingTalk', () => {
  it.each(shownSamples(DINGTALK_ABILITIES))('is drawn as before: $name', async ({ name, shown }) => {
    const text = `${JSON.stringify(readable(drawn(shown).params), null, 2)}\n`

    await expect(text).toMatchFileSnapshot(join(FOLDER, `${fileOf(name)}.json`))
  })

  it.each(shownSamples(DINGTALK_ABILITIES))('is one that our template shows: $name', ({ shown }) => {
    const { params, fits } = drawn(shown)

    expect(fits).toBe(true)
    expect(
      changedCard.safeParse({ outTrackId: 'x', cardData: { cardParamMap: params } }).error,
    ).toBeUndefined()
  })

  it.each(shownSamples(DINGTALK_ABILITIES))('has every button, with its press and its chat: $name', ({
    shown,
  }) => {
    const rows = [1, 2, 3].flatMap((row) => readButtons(drawn(shown).params[`buttons${row}`] ?? '') ?? [])

    expect(rows.map(({ text, event }) => [text, event.params.params])).toEqual(
      shown.buttons.map(({ label, press }) => [label, { press, chat: CHAT }]),
    )
  })

  it('sets every variable of the template each time, so that an edit empties what is gone', () => {
    const { editorData } = template
    const names = (JSON.parse(editorData) as { variableList: { name: string }[] }).variableList.map(
      ({ name }) => name,
    )

    expect(Object.keys(drawn(plain).params).sort()).toEqual(names.sort())
  })

  it('is drawn on the template that is made from the same numbers', () => {
    expect(template).toEqual(dingtalkCard())
  })

  it('shows what looks like markup as it was written', () => {
    const text =
      '<at id="all">@all</at> **b** [x](http://y) `c` ![p](@lADx) [微笑] # no\n- no list\n1. no\n> no\n  in'

    expect(bodyOf(withBody({ is: 'text', text }))).toBe(text)
  })

  it('keeps a code block closed by nothing within it', () => {
    const { params } = drawn(withBody({ is: 'code', text: 'a\n```\n# b\n````', rest: 0 }))

    expect(params.body1?.match(/```/g)).toHaveLength(2)
    expect(plainText(params.body1 ?? '').replaceAll('\u200b', '')).toBe('a\n```\n# b\n````')
  })

  it('goes on with a long text in the next variable, losing nothing', () => {
    const lines = Array.from({ length: 60 }, (_, i) => `line ${i} 数据 ${'*'.repeat(20)}`)

    const { params, fits } = drawn(withBody({ is: 'text', text: lines.join('\n') }))

    expect(fits).toBe(true)
    expect(params.body2).not.toBe('')
    expect(bodyOf(withBody({ is: 'text', text: lines.join('\n') }))).toBe(lines.join('\n'))
  })

  it('says a picture in words when there is none', () => {
    const shown = withBody({ is: 'picture', alt: 'restarts per hour', png: 'x' })

    expect(drawCard(shown, { chat: CHAT, pictures: [null] }).params.body1).toBe('restarts per hour')
    expect(drawn(shown).params.body1).toBe('![restarts per hour](@lADpicture0)')
  })

  it('cuts a long label between characters', () => {
    const button = { label: '😀'.repeat(50), style: 'primary', press: 'p' } as const
    const [shown] = readButtons(drawn({ ...plain, buttons: [button] }).params.buttons1 ?? '') ?? []

    expect(shown?.text).toBe(`${'😀'.repeat(39)}…`)
  })

  it('holds two buttons with the longest press and the longest label in one value', () => {
    const button = {
      label: '重'.repeat(60),
      style: 'danger',
      press: 'p'.repeat(DINGTALK_ABILITIES.pressLength),
    } as const
    const { params } = drawCard(
      { ...plain, buttons: [button, button] },
      { chat: 'c'.repeat(64), pictures: [] },
    )

    expect(Buffer.byteLength(params.buttons1 ?? '')).toBeLessThanOrEqual(MAX_VALUE_BYTES)
  })

  const button = { label: 'a', style: 'plain', press: 'p' } as const
  it.each([
    ['its text fills more than eight variables', withBody({ is: 'text', text: '文'.repeat(3_000) })],
    ['its markup makes it longer than that', withBody({ is: 'text', text: '*'.repeat(5_000) })],
    ['its title is longer than a variable', { ...plain, card: { ...plain.card, title: '文'.repeat(400) } }],
    ['it has more than six buttons', { ...plain, buttons: Array(7).fill(button) }],
  ])('does not fit when %s', (_why, shown: ShownCard) => {
    expect(drawn(shown).fits).toBe(false)
  })
})

describe('without a template', () => {
  it.each(shownSamples(MARKDOWN_ABILITIES))('is a message that DingTalk takes: $name', ({ shown }) => {
    const { msgParam, fits } = drawMarkdown(
      shown,
      pngsOf(shown).map(() => '@lADpicture'),
    )

    expect(fits).toBe(true)
    expect(markdownOf(msgParam)?.title).toBe(shown.card.title)
    expect(plainText(markdownOf(msgParam)?.text ?? '')).toContain(shown.card.title)
  })

  it('does not fit with more than 15,000 bytes', () => {
    expect(drawMarkdown(withBody({ is: 'text', text: '文'.repeat(5_000) }), []).fits).toBe(false)
  })
})
