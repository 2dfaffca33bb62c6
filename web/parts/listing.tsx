/** Lists with filters in the address, and paging. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { query } from '../rules/routes.ts'
import { address, refine, search } from '../state/address.ts'
import { texts } from '../state/reader.ts'
import { Icon } from './icon.tsx'
import { Link } from './link.tsx'

/** Pages go forward by the list's cursor; back is the browser's. */
export function Pager({ next }: { next: string | null }) {
  const t = texts.value.common
  const kept = Object.fromEntries(search.value)
  const here = address.value.path
  if (!next && !kept.cursor) return null
  return (
    <nav class="pager" aria-label={t.nextPage}>
      {kept.cursor && (
        <Link class="button" href={here + query({ ...kept, cursor: null })}>
          {t.firstPage}
        </Link>
      )}
      {next && (
        <Link class="button" href={here + query({ ...kept, cursor: next })}>
          {t.nextPage}
        </Link>
      )}
    </nav>
  )
}

const PAUSE_MS = 250

/** A filter by words: it follows the typing, and replaces the address instead of filling the history. */
export function TextFilter({ name, label }: { name: string; label: string }) {
  const asked = search.value.get(name) ?? ''
  const [text, setText] = useState(asked)
  const timer = useRef<number | undefined>(undefined)
  const mine = useRef(asked)
  useEffect(() => {
    // The address changed by other means: back, or a cleared filter.
    if (asked !== mine.current) setText(asked)
    mine.current = asked
  }, [asked])
  useEffect(() => () => window.clearTimeout(timer.current), [])
  const onInput = (value: string) => {
    setText(value)
    window.clearTimeout(timer.current)
    timer.current = window.setTimeout(() => {
      mine.current = value.trim()
      refine({ [name]: value.trim() }, { replace: true })
    }, PAUSE_MS)
  }
  return (
    <div class="field">
      <label for={`filter-${name}`}>{label}</label>
      <input
        id={`filter-${name}`}
        type="search"
        value={text}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  )
}

/** On a phone all but the first filter hide behind a button: what is listed matters more. */
export function FilterBar(props: {
  first: ComponentChildren
  children: ComponentChildren
  reset: string | null
}) {
  const t = texts.value.jobs
  const [open, setOpen] = useState(false)
  return (
    <search class="filters" aria-label={t.filters}>
      {props.first}
      <button
        type="button"
        class="button filters-more"
        aria-expanded={open}
        aria-controls="filters-rest"
        onClick={() => setOpen(!open)}
      >
        <Icon name="filter" />
        {t.filters}
      </button>
      <div id="filters-rest" class={`filters-rest ${open ? 'open' : ''}`}>
        {props.children}
      </div>
      {props.reset && (
        <Link href={props.reset} class="button quiet small">
          {t.reset}
        </Link>
      )}
    </search>
  )
}

export function ChoiceFilter(props: {
  name: string
  label: string
  choices: readonly { value: string; label: string }[]
}) {
  const asked = search.value.get(props.name) ?? ''
  const known = props.choices.some((choice) => choice.value === asked)
  return (
    <div class="field">
      <label for={`filter-${props.name}`}>{props.label}</label>
      <select
        id={`filter-${props.name}`}
        value={asked}
        onChange={(event) => refine({ [props.name]: event.currentTarget.value })}
      >
        <option value="">{texts.value.common.all}</option>
        {!known && asked && <option value={asked}>{asked}</option>}
        {props.choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </div>
  )
}

export interface Column<T> {
  key: string
  head: string
  cell: (row: T) => ComponentChildren
  /** Numbers stand at the right. */
  right?: boolean
}

/** A table that becomes a list of blocks on a phone: each cell then carries its head. */
export function Rows<T>(props: {
  caption: string
  columns: readonly Column<T>[]
  rows: readonly T[]
  rowKey: (row: T) => string
}) {
  const { columns } = props
  return (
    <div class="rows-frame">
      <table class="rows">
        <caption class="sr-only">{props.caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" class={column.right ? 'right' : ''}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={props.rowKey(row)}>
              {columns.map((column) => (
                <td key={column.key} data-head={column.head} class={column.right ? 'right' : ''}>
                  <div>{column.cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export function PageHead(props: {
  title: ComponentChildren
  beside?: ComponentChildren
  children?: ComponentChildren
}) {
  return (
    <header class="page-head">
      <h1 tabIndex={-1}>{props.title}</h1>
      {props.beside}
      {props.children && <div class="page-actions">{props.children}</div>}
    </header>
  )
}
