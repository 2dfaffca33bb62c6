import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { get } from '../../api.ts'
import { CopyButton, Empty, Loadable } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useLoad } from '../../parts/use-load.ts'
import { count } from '../../rules/amounts.ts'
import { query } from '../../rules/routes.ts'
import { refine, search } from '../../state/address.ts'
import { texts } from '../../state/reader.ts'
import type { Job, LogPage } from '../../wire.ts'

const LINES = 200

/** The end of the logs first; older ones by going back. What is looked for stands in the address. */
export function Logs({ job }: { job: Job }) {
  const t = texts.value.logs
  const grep = search.value.get('grep') ?? ''
  const skip = Number(search.value.get('skip')) || 0
  const [wrap, setWrap] = useState(false)
  const page = useLoad(`${job.name}|${grep}|${skip}|${job.generation}`, (signal) =>
    get<readonly LogPage[]>(
      `/jobs/${encodeURIComponent(job.name)}/logs${query({ grep, skip: String(skip), lines: String(LINES) })}`,
      { signal },
    ),
  )
  return (
    <div class="stack">
      <Search grep={grep}>
        <label class="check">
          <input type="checkbox" checked={wrap} onChange={(event) => setWrap(event.currentTarget.checked)} />
          {t.wrap}
        </label>
      </Search>
      <Loadable of={page}>
        {(sources) => (
          <>
            {sources.every((source) => source.lines.length === 0) && <Empty>{t.none}</Empty>}
            <Sources sources={sources} wrap={wrap} />
            <Paging more={sources.some((source) => source.more > 0)} skip={skip} />
          </>
        )}
      </Loadable>
    </div>
  )
}

function Search({ grep, children }: { grep: string; children: ComponentChildren }) {
  const t = texts.value.logs
  const submit = (event: Event) => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    refine({ grep: String(new FormData(event.currentTarget).get('grep')).trim(), skip: null })
  }
  return (
    <form class="filters" onSubmit={submit}>
      <div class="field">
        <label for="grep">{t.grep}</label>
        <input
          id="grep"
          name="grep"
          type="search"
          key={grep}
          defaultValue={grep}
          autocomplete="off"
          spellcheck={false}
        />
      </div>
      <button type="submit" class="button">
        <Icon name="search" />
        {t.search}
      </button>
      {children}
    </form>
  )
}

function Sources({ sources, wrap }: { sources: readonly LogPage[]; wrap: boolean }) {
  const t = texts.value.logs
  const shown = sources.filter((source) => source.lines.length > 0)
  const [chosen, setChosen] = useState<string | null>(null)
  const current = shown.find((source) => source.source === chosen) ?? shown[0]
  useEffect(() => {
    // The newest line is what one came for.
    const box = document.getElementById('log-lines')
    if (box) box.scrollTop = box.scrollHeight
  }, [current])
  if (!current) return null
  return (
    <section class="log" aria-label={current.source}>
      {shown.length > 1 && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are buttons
        <div class="states" role="group" aria-label={t.source}>
          {shown.map((source) => (
            <button
              key={source.source}
              type="button"
              aria-pressed={source === current}
              onClick={() => setChosen(source.source)}
            >
              {source.source} <span class="faint small">{t.lineCount(source.lines.length)}</span>
            </button>
          ))}
        </div>
      )}
      <div class="code">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
        <pre id="log-lines" class={wrap ? 'wrap' : ''} tabIndex={0}>
          {current.lines.join('\n')}
        </pre>
        <div class="code-foot">
          <span>{current.more > 0 ? t.more(count(current.more)) : ''}</span>
          <CopyButton text={current.lines.join('\n')} />
        </div>
      </div>
    </section>
  )
}

function Paging({ more, skip }: { more: boolean; skip: number }) {
  const t = texts.value.logs
  if (!more && skip === 0) return null
  return (
    <div class="pager">
      {skip > 0 && (
        <button type="button" class="button" onClick={() => refine({ skip: null })}>
          {t.newest}
        </button>
      )}
      {more && (
        <button type="button" class="button" onClick={() => refine({ skip: String(skip + LINES) })}>
          {t.older}
        </button>
      )}
    </div>
  )
}
