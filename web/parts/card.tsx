/** A card as it was shown: tone, title, facts, body, buttons, footer, in that order on every chat. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { never } from '../../src/lib/never.ts'
import { sentence } from '../api.ts'
import { pieces } from '../rules/inline.ts'
import { language, texts, textsIn } from '../state/reader.ts'
import type { Cell, Field, Language, ShownBlock, ShownButton, ShownCard } from '../wire.ts'
import { CopyButton, TONE_ICON } from './basics.tsx'
import { Icon } from './icon.tsx'
import { AddressLink } from './link.tsx'
import { Picture } from './picture.tsx'
import { Time } from './time.tsx'

export interface CardDoes {
  press: (token: string, values?: Readonly<Record<string, string>>) => Promise<void>
  say: (text: string) => void
}

export function CardView({ card: shown, does }: { card: ShownCard; does: CardDoes }) {
  const { card } = shown
  const t = texts.value.card
  const pressing = usePressing(does, shown.version)
  return (
    <article
      class={`card tone-${card.tone}`}
      id={`card-${shown.id}`}
      aria-labelledby={`title-${shown.id}`}
      {...foreign(shown)}
    >
      <header class="card-head">
        <Icon name={TONE_ICON[card.tone]} label={t.tone[card.tone]} class="card-tone" />
        <h2 id={`title-${shown.id}`}>
          <Inline text={card.title} />
        </h2>
        <Time at={shown.createdAt} />
      </header>
      {card.subtitle.length > 0 && <p class="card-subtitle">{card.subtitle.join(' · ')}</p>}
      {card.body.map((block, index) => (
        <BlockView
          key={`${index}-${block.is}`}
          id={`${shown.id}-${index}`}
          block={block}
          pressing={pressing}
          say={does.say}
        />
      ))}
      {shown.buttons.length > 0 && (
        <Buttons buttons={shown.buttons} language={shown.language} pressing={pressing} />
      )}
      {pressing.trouble && (
        <p class="card-trouble" role="alert">
          <Icon name="warning" /> {pressing.trouble}
        </p>
      )}
      {(card.footer.length > 0 || shown.version > 1 || shown.onlyFor !== null) && (
        <footer class="card-foot">
          {shown.onlyFor !== null && <span>{t.onlyYou}</span>}
          {card.footer.map((line) => (
            <span key={line}>{line}</span>
          ))}
          {shown.version > 1 && shown.updatedAt !== shown.createdAt && (
            <span class="edited">
              <Time at={shown.updatedAt} />
            </span>
          )}
        </footer>
      )}
    </article>
  )
}

/** A card in another language than the page's is read out in its own. */
function foreign(shown: ShownCard): { lang?: string } {
  return shown.language === language.value ? {} : { lang: shown.language === 'zh' ? 'zh-CN' : 'en' }
}

interface Pressing {
  /** The button that is under way; the others wait. */
  token: string | null
  trouble: string | null
  press: (token: string, values?: Readonly<Record<string, string>>) => void
}

function usePressing(does: CardDoes, version: number): Pressing {
  const [token, setToken] = useState<string | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  // A newer version of the card answers for whatever was refused on the former.
  useEffect(() => setTrouble(null), [version])
  const press: Pressing['press'] = (next, values) => {
    if (token !== null) return
    setToken(next)
    setTrouble(null)
    does
      .press(next, values)
      .catch((error: unknown) => setTrouble(sentence(error)))
      .finally(() => setToken(null))
  }
  return { token, trouble, press }
}

function BlockView(props: {
  id: string
  block: ShownBlock
  pressing: Pressing
  say: (text: string) => void
}) {
  const { block } = props
  switch (block.is) {
    case 'text':
      return (
        <p class="card-text">
          <Inline text={block.text} say={props.say} />
        </p>
      )
    case 'facts':
      return (
        <dl class="facts">
          {block.facts.map((fact) => (
            <div key={fact.label}>
              <dt>{fact.label}</dt>
              <dd>
                {fact.before !== undefined && (
                  <>
                    <del>
                      <span class="sr-only">{texts.value.card.before} </span>
                      {fact.before}
                    </del>{' '}
                    <span aria-hidden="true">→ </span>
                  </>
                )}
                {fact.value}
              </dd>
            </div>
          ))}
        </dl>
      )
    case 'progress':
      return <Progress label={block.label} done={block.done} />
    case 'table':
      return <TableBlock block={block} say={props.say} />
    case 'code':
      return <Code text={block.text} rest={block.rest} />
    case 'form':
      return <CardForm id={props.id} form={block} pressing={props.pressing} />
    case 'picture':
      return <Picture alt={block.alt} png={block.png} />
    default:
      return never(block)
  }
}

export function Progress({ label, done }: { label: string; done: number | null }) {
  return (
    <div class="progress">
      <span>{label}</span>
      {done === null ? (
        <span
          class="progress-open"
          role="progressbar"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={100}
        />
      ) : (
        <progress max={100} value={Math.round(done * 100)} aria-label={label} />
      )}
    </div>
  )
}

/** Commands in card texts can be tapped: they are said as if typed. */
function Inline({ text, say }: { text: string; say?: (text: string) => void }) {
  return (
    <>
      {pieces(text).map((piece, index) => {
        const key = `${index}${piece.text}`
        if (piece.is === 'strong') return <strong key={key}>{piece.text}</strong>
        if (piece.is === 'link') return <AddressLink key={key} address={piece.text} />
        if (piece.is === 'text') return <span key={key}>{piece.text}</span>
        if (!say || !piece.text.startsWith('/')) return <code key={key}>{piece.text}</code>
        return (
          <button key={key} type="button" class="command" onClick={() => say(piece.text)}>
            {piece.text}
          </button>
        )
      })}
    </>
  )
}

function TableBlock(props: { block: Extract<ShownBlock, { is: 'table' }>; say: (text: string) => void }) {
  const { columns, rows } = props.block
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; this is a table that may scroll
    <div class="scroll-x" role="group" tabIndex={0} aria-label={texts.value.card.table}>
      <table class="card-table">
        <thead>
          <tr>
            {columns.map((column, at) =>
              // A column without a name is no header.
              column === '' ? (
                <td key={at} />
              ) : (
                <th key={column} scope="col">
                  {column}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={`${index}-${cellText(row[0])}`}>
              {row.map((cell, at) => (
                <td key={columns[at] || at}>
                  <CellView cell={cell} say={props.say} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const cellText = (cell: Cell | undefined) => (typeof cell === 'object' ? cell.text : (cell ?? ''))

function CellView({ cell, say }: { cell: Cell; say: (text: string) => void }) {
  if (typeof cell === 'string') return <Inline text={cell} />
  return (
    <button type="button" class="command" title={cell.says} onClick={() => say(cell.says)}>
      {cell.text}
    </button>
  )
}

const FOLD = 12

/** Fixed width; long ones are folded, and what the card itself left out is said. */
export function Code({ text, rest }: { text: string; rest: number }) {
  const [open, setOpen] = useState(false)
  const lines = text.replace(/\n+$/, '').split('\n')
  const folded = !open && lines.length > FOLD + 2
  return (
    <div class="code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
      <pre tabIndex={0}>{(folded ? lines.slice(0, FOLD) : lines).join('\n')}</pre>
      <div class="code-foot">
        {rest > 0 && <span>{texts.value.card.rest(rest)}</span>}
        {lines.length > FOLD + 2 && (
          <button
            type="button"
            class="button quiet small"
            aria-expanded={!folded}
            onClick={() => setOpen(!open)}
          >
            {folded ? texts.value.card.rest(lines.length - FOLD) : texts.value.common.showLess}
          </button>
        )}
        <CopyButton text={text} />
      </div>
    </div>
  )
}

function Buttons(props: { buttons: readonly ShownButton[]; language: Language; pressing: Pressing }) {
  const { buttons, pressing } = props
  const [asking, setAsking] = useState<ShownButton | null>(null)
  const group = useRef<HTMLDivElement>(null)
  const left = useRef<number | null>(null)
  // The card changed under the question: what was asked about is no longer there.
  const still = asking && buttons.find((button) => button.press === asking.press)
  const close = () => {
    left.current = still ? buttons.indexOf(still) : null
    setAsking(null)
  }
  // Whoever answered goes on where they asked.
  useLayoutEffect(() => {
    if (still || left.current === null) return
    group.current?.querySelectorAll('button')[left.current]?.focus()
    left.current = null
  }, [still])
  if (still) return <Confirm button={still} language={props.language} pressing={pressing} onDone={close} />
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are buttons
    <div class="buttons" role="group" ref={group} aria-label={texts.value.card.actions}>
      {buttons.map((button) => (
        <PressButton
          key={button.press}
          button={button}
          pressing={pressing}
          onClick={() => (button.style === 'danger' ? setAsking(button) : pressing.press(button.press))}
        />
      ))}
    </div>
  )
}

function PressButton(props: { button: ShownButton; pressing: Pressing; onClick: () => void }) {
  const { button, pressing } = props
  const mine = pressing.token === button.press
  return (
    <button
      type="button"
      class={`button ${button.style}`}
      aria-busy={mine}
      aria-disabled={pressing.token !== null}
      onClick={() => pressing.token === null && props.onClick()}
    >
      {mine && <span class="spinner" aria-hidden="true" />}
      {button.label}
    </button>
  )
}

/** A dangerous button asks once more, in its own place; the safe answer has the focus. */
function Confirm(props: { button: ShownButton; language: Language; pressing: Pressing; onDone: () => void }) {
  // In the card's language, whose words it repeats.
  const t = textsIn(props.language).card
  const safe = useRef<HTMLButtonElement>(null)
  useLayoutEffect(() => safe.current?.focus(), [])
  const sure = () => {
    props.pressing.press(props.button.press)
    props.onDone()
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are buttons
    <div
      class="buttons confirm"
      role="group"
      aria-label={t.confirm(props.button.label)}
      onKeyDown={(event) => event.key === 'Escape' && props.onDone()}
    >
      <span>{t.confirm(props.button.label)}</span>
      <button type="button" class="button danger" onClick={sure}>
        {t.yes(props.button.label)}
      </button>
      <button type="button" class="button plain" ref={safe} onClick={props.onDone}>
        {t.no}
      </button>
    </div>
  )
}

function CardForm(props: { id: string; form: Extract<ShownBlock, { is: 'form' }>; pressing: Pressing }) {
  const { form, pressing } = props
  const submit = (event: Event) => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const values = [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)])
    pressing.press(form.submit.press, Object.fromEntries(values))
  }
  const mine = pressing.token === form.submit.press
  return (
    <form class="card-form" onSubmit={submit}>
      {form.fields.map((field) => (
        <CardField key={field.name} id={`${props.id}-${field.name}`} field={field} />
      ))}
      <div class="buttons">
        <button
          type="submit"
          class={`button ${form.submit.style}`}
          aria-busy={mine}
          aria-disabled={pressing.token !== null}
        >
          {mine && <span class="spinner" aria-hidden="true" />}
          {form.submit.label}
        </button>
      </div>
    </form>
  )
}

function CardField({ id, field }: { id: string; field: Field }) {
  const { input } = field
  const common = { id, name: field.name, required: field.required }
  return (
    <div class="field">
      <label for={id}>
        {field.label}
        {!field.required && <span class="faint"> · {texts.value.common.optional}</span>}
      </label>
      {input.is === 'select' && (
        <select {...common} defaultValue={field.value}>
          {(!field.required || !field.value) && <option value="">{texts.value.card.choose}</option>}
          {input.choices.map((choice) => (
            <option key={choice.value} value={choice.value} selected={choice.value === field.value}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
      {input.is === 'number' && (
        <input
          {...common}
          type="number"
          inputMode="numeric"
          defaultValue={field.value}
          {...(input.min === null ? {} : { min: input.min })}
          {...(input.max === null ? {} : { max: input.max })}
        />
      )}
      {input.is === 'text' && input.multiline && (
        <textarea {...common} rows={5} placeholder={input.placeholder} defaultValue={field.value} />
      )}
      {input.is === 'text' && !input.multiline && (
        <input
          {...common}
          type="text"
          placeholder={input.placeholder}
          defaultValue={field.value}
          autocomplete="off"
        />
      )}
    </div>
  )
}
