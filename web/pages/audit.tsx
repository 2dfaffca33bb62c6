import { VERBS } from '../../src/platform/access/access.ts'
import { get } from '../api.ts'
import { Chip, Empty, Loadable } from '../parts/basics.tsx'
import { ChoiceFilter, FilterBar, PageHead, Pager, Rows, TextFilter } from '../parts/listing.tsx'
import { Time } from '../parts/time.tsx'
import { useLoad } from '../parts/use-load.ts'
import { query } from '../rules/routes.ts'
import { search } from '../state/address.ts'
import { teams } from '../state/places.ts'
import { texts } from '../state/reader.ts'
import type { AuditEntry, Paged } from '../wire.ts'

const FILTERS = ['job', 'member', 'team', 'verb', 'cursor'] as const

export function AuditPage() {
  const t = texts.value.audit
  const asked = query(Object.fromEntries(FILTERS.map((name) => [name, search.value.get(name)])))
  const page = useLoad(`audit${asked}`, (signal) => get<Paged<AuditEntry>>(`/audit${asked}`, { signal }))
  return (
    <div class="page">
      <PageHead title={t.title} />
      <FilterBar reset={asked ? '/audit' : null} first={<TextFilter name="job" label={t.job} />}>
        <TextFilter name="member" label={t.member} />
        <ChoiceFilter
          name="team"
          label={t.team}
          choices={teams.value.map((one) => ({ value: one.name, label: one.title || one.name }))}
        />
        <ChoiceFilter
          name="verb"
          label={t.verb}
          choices={VERBS.map((verb) => ({ value: verb, label: verb }))}
        />
      </FilterBar>
      <Loadable of={page}>
        {(answer) =>
          answer.items.length === 0 ? (
            <Empty>{t.none}</Empty>
          ) : (
            <>
              <Entries entries={answer.items} />
              <Pager next={answer.next} />
            </>
          )
        }
      </Loadable>
    </div>
  )
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  const t = texts.value.audit
  return (
    <Rows
      caption={t.title}
      rows={entries}
      rowKey={(one) => one.id}
      columns={[
        { key: 'when', head: t.when, cell: (one) => <Time at={one.at} /> },
        {
          key: 'who',
          head: t.who,
          cell: (one) => (
            <>
              {one.actor}{' '}
              <span class="faint small nowrap">
                {t.via} {one.via}
              </span>
            </>
          ),
        },
        { key: 'what', head: t.what, cell: (one) => <code>{one.verb}</code> },
        { key: 'on', head: t.on, cell: (one) => one.subject },
        { key: 'decision', head: t.decision, cell: (one) => <Decision entry={one} /> },
        { key: 'change', head: t.change, cell: (one) => <Change entry={one} /> },
      ]}
    />
  )
}

const DECISIONS = {
  allowed: { tone: 'neutral', icon: 'check' },
  refused: { tone: 'bad', icon: 'close' },
  done: { tone: 'good', icon: 'good' },
  failed: { tone: 'warning', icon: 'warning' },
} as const

const isKnown = (decision: string): decision is keyof typeof DECISIONS => decision in DECISIONS

function Decision({ entry: { decision, because } }: { entry: AuditEntry }) {
  return (
    <>
      {isKnown(decision) ? (
        <Chip {...DECISIONS[decision]}>{texts.value.audit.decisions[decision]}</Chip>
      ) : (
        decision
      )}
      {because && <span class="block faint small">{because}</span>}
    </>
  )
}

function Change({ entry }: { entry: AuditEntry }) {
  const t = texts.value
  return (
    <details class="change">
      <summary>{t.audit.details}</summary>
      {entry.before !== null && entry.before !== undefined && (
        <>
          <p class="faint small">{t.audit.before}</p>
          <pre>{JSON.stringify(entry.before, null, 2)}</pre>
        </>
      )}
      {entry.after !== null && entry.after !== undefined && (
        <>
          <p class="faint small">{t.audit.after}</p>
          <pre>{JSON.stringify(entry.after, null, 2)}</pre>
        </>
      )}
      <p class="faint small">{t.common.requestId(entry.requestId)}</p>
    </details>
  )
}
