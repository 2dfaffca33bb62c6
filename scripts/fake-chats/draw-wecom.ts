import {
  at,
  box,
  drawField,
  drawForm,
  drawTable,
  escaped,
  lines,
  linkButton,
  list,
  markdown,
  pressButton,
  safeHref,
  text,
} from './html.ts'

/** Template cards, and markdown or text messages. */
export function drawWecom(raw: unknown): string | null {
  const card = [at(raw, 'template_card'), at(raw, 'card'), raw].find(
    (one) => text(at(one, 'card_type')) !== '',
  )
  if (card !== undefined) return templateCard(card)
  const content = [at(raw, 'markdown_v2'), at(raw, 'markdown'), at(raw, 'text'), raw]
    .map((one) => text(at(one, 'content')))
    .find(Boolean)
  return content === undefined ? null : box('card', box('body md', markdown(content)))
}

function templateCard(card: unknown): string {
  const source = at(card, 'source')
  return box(
    'card',
    [
      box(`source c${text(at(source, 'desc_color'))}`, escaped(text(at(source, 'desc')))),
      box('title', escaped(text(at(card, 'main_title', 'title')))),
      box('quiet', escaped(text(at(card, 'main_title', 'desc')))),
      box('emphasis', escaped(text(at(card, 'emphasis_content', 'title')))),
      box(
        'quote',
        `${escaped(text(at(card, 'quote_area', 'title')))}${lines(text(at(card, 'quote_area', 'quote_text')))}`,
      ),
      box('body', lines(text(at(card, 'sub_title_text')))),
      facts(list(at(card, 'horizontal_content_list'))),
      choices(card),
      box('jumps', list(at(card, 'jump_list')).map(jump).join('')),
      box('buttons', `${list(at(card, 'button_list')).map(button).join('')}${replaced(card)}`),
    ].join(''),
  )
}

function facts(rows: readonly unknown[]): string {
  if (rows.length === 0) return ''
  return drawTable(rows.map((row) => [text(at(row, 'keyname')), text(at(row, 'value'))]))
}

function button(one: unknown): string {
  const style = text(at(one, 'style'))
  const label = text(at(one, 'text'))
  const look = style === '1' || style === '' ? 'primary' : style === '4' ? 'danger' : 'plain'
  return at(one, 'type') === 1 ? linkButton(label, text(at(one, 'url')), look) : pressButton(label, look)
}

function replaced(card: unknown): string {
  const words = text(at(card, 'replace_text')) || text(at(card, 'button', 'replace_name'))
  return words === '' ? '' : `<button type="button" class="plain" disabled>${escaped(words)}</button>`
}

function jump(one: unknown): string {
  return `<a target="_blank" rel="noreferrer" href="${safeHref(text(at(one, 'url')))}">${escaped(text(at(one, 'title')))} ›</a>`
}

function choices(card: unknown): string {
  const lists = list(at(card, 'select_list'))
  if (lists.length === 0) return ''
  const fields = lists.map((one) =>
    drawField({
      ...{
        name: text(at(one, 'question_key')),
        label: text(at(one, 'title')),
        value: text(at(one, 'selected_id')),
      },
      choices: list(at(one, 'option_list')).map((each) => ({
        value: text(at(each, 'id')),
        label: text(at(each, 'text')),
      })),
      ...{ required: false, multiline: false, placeholder: '' },
    }),
  )
  return drawForm(fields, text(at(card, 'submit_button', 'text')))
}
