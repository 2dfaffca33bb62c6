import { at, box, escaped, json, list, markdown, pressButton, text } from './html.ts'

const COLORS: Readonly<Record<string, 'primary' | 'danger'>> = { blue: 'primary', red: 'danger' }

/** Cards of our template, by the values of its variables; or a markdown message. */
export function drawDingtalk(raw: unknown): string | null {
  const params = [at(raw, 'params'), at(raw, 'cardParamMap'), at(raw, 'cardData', 'cardParamMap'), raw].find(
    (one) => text(at(one, 'body1')) !== '' || text(at(one, 'buttons1')) !== '',
  )
  if (params !== undefined) return templateCard(params)
  const message = [json(at(raw, 'msgParam')), at(raw, 'markdown'), raw].find(
    (one) => text(at(one, 'text')) !== '',
  )
  return message === undefined ? null : box('card', box('body md', markdown(text(at(message, 'text')))))
}

function templateCard(params: unknown): string {
  const of = (name: string) => text(at(params, name))
  const bodies = numbered('body').map((name) => box('md', markdown(of(name))))
  const rows = numbered('buttons').map((name) =>
    box(
      'buttons',
      list(json(of(name)))
        .map(button)
        .join(''),
    ),
  )
  const tag = of('tag') === '' ? '' : `<span class="tag ${escaped(of('tone'))}">${escaped(of('tag'))}</span>`
  return box(
    'card',
    `${box('title', `${escaped(of('title'))} ${tag}`)}${box('quiet', escaped(of('subtitle')))}${bodies.join('')}${box('quiet', escaped(of('footer')))}${rows.join('')}`,
  )
}

function numbered(name: string): string[] {
  return Array.from({ length: 9 }, (_, i) => `${name}${i + 1}`)
}

function button(one: unknown): string {
  return pressButton(text(at(one, 'text')), COLORS[text(at(one, 'color'))] ?? 'plain')
}
