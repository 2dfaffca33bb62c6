import {
  at,
  box,
  drawField,
  drawForm,
  drawTable,
  escaped,
  linkButton,
  list,
  markdown,
  pressButton,
  text,
} from './html.ts'

/** Feishu cards of schema 2.0. */
export function drawFeishu(raw: unknown): string | null {
  if (text(at(raw, 'schema')) !== '2.0') return null
  const template = text(at(raw, 'header', 'template')) || 'default'
  const head = box(`head ${template}`, escaped(text(at(raw, 'header', 'title', 'content'))))
  return box(
    'card',
    `${head}${box(
      'body',
      list(at(raw, 'body', 'elements'))
        .map(element)
        .join(''),
    )}`,
  )
}

function element(one: unknown): string {
  switch (text(at(one, 'tag'))) {
    case 'markdown':
      return box(`md ${text(at(one, 'text_size'))}`, markdown(text(at(one, 'content'))))
    case 'table':
      return table(one)
    case 'column_set':
      return box(
        'buttons',
        list(at(one, 'columns'))
          .flatMap((column) => list(at(column, 'elements')))
          .map(element)
          .join(''),
      )
    case 'button':
      return button(one)
    case 'img':
      return box('picture', `🖼 ${escaped(text(at(one, 'alt', 'content')))}`)
    case 'form':
      return form(one)
    case 'hr':
      return '<hr>'
    default:
      return ''
  }
}

function table(one: unknown): string {
  const columns = list(at(one, 'columns'))
  const rows = list(at(one, 'rows')).map((row) =>
    columns.map((column) => text(at(row, text(at(column, 'name'))))),
  )
  return drawTable(
    rows,
    columns.map((column) => text(at(column, 'display_name'))),
  )
}

const STYLES: Readonly<Record<string, 'primary' | 'danger'>> = {
  primary: 'primary',
  primary_filled: 'primary',
  danger: 'danger',
  danger_filled: 'danger',
}

function button(one: unknown): string {
  const label = text(at(one, 'text', 'content'))
  const style = STYLES[text(at(one, 'type'))] ?? 'plain'
  const link = list(at(one, 'behaviors'))
    .map((each) => text(at(each, 'default_url')))
    .find(Boolean)
  return link === undefined ? pressButton(label, style) : linkButton(label, link, style)
}

function form(one: unknown): string {
  const inner = list(at(one, 'elements')).flatMap((each) =>
    text(at(each, 'tag')) === 'column_set'
      ? list(at(each, 'columns')).flatMap((column) => list(at(column, 'elements')))
      : [each],
  )
  const submit = inner.find((each) => text(at(each, 'form_action_type')) === 'submit')
  const drawn = inner.filter((each) => each !== submit).map((each) => field(each) ?? element(each))
  return drawForm(drawn, text(at(submit, 'text', 'content')))
}

function field(one: unknown): string | null {
  const tag = text(at(one, 'tag'))
  const same = { name: text(at(one, 'name')), required: at(one, 'required') === true }
  if (tag === 'select_static') {
    const choices = list(at(one, 'options')).map((option) => ({
      value: text(at(option, 'value')),
      label: text(at(option, 'text', 'content')),
    }))
    return drawField({
      ...same,
      label: '',
      value: text(at(one, 'initial_option')),
      choices,
      multiline: false,
      placeholder: '',
    })
  }
  if (tag !== 'input') return null
  return drawField({
    ...same,
    label: text(at(one, 'label', 'content')),
    value: text(at(one, 'default_value')),
    choices: null,
    multiline: text(at(one, 'input_type')) === 'multiline_text',
    placeholder: text(at(one, 'placeholder', 'content')),
  })
}
