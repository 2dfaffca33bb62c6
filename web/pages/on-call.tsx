/** Who is on call: now, over the month, and by which layers. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { monthSpan, monthSvg } from '../../src/bot/pictures/month-svg.ts'
import { instantIn, wallClock } from '../../src/lib/wall-clock.ts'
import { del, get, post, put } from '../api.ts'
import { CopyButton, Empty, Facts, Labelled, Loadable } from '../parts/basics.tsx'
import { Icon } from '../parts/icon.tsx'
import { Link } from '../parts/link.tsx'
import { PageHead, Rows } from '../parts/listing.tsx'
import { type Closing, SendingDialog } from '../parts/sending-dialog.tsx'
import { timeText } from '../parts/time.tsx'
import { useAgain } from '../parts/use-again.ts'
import { useLoad } from '../parts/use-load.ts'
import { draftOf, type LayerDraft, layerOf, newDraft } from '../rules/layers.ts'
import { texts } from '../state/reader.ts'
import type { MemberView, OnCallNow, OverrideView, ScheduleView, ShiftView, TeamView } from '../wire.ts'

const AGAIN_MS = 60_000

export function OnCallPage({ schedule: wanted }: { schedule: string | null }) {
  const t = texts.value.onCall
  const [isAdding, setAdding] = useState(false)
  const page = useLoad('on-call', (signal) => get<readonly ScheduleView[]>('/oncall/schedules', { signal }))
  const done = () => {
    setAdding(false)
    page.reload()
  }
  return (
    <div class="page">
      <PageHead title={t.title}>
        <button type="button" class="button primary" onClick={() => setAdding(true)}>
          <Icon name="plus" />
          {t.add}
        </button>
      </PageHead>
      <Loadable of={page}>
        {(schedules) => {
          const shown = schedules.find(({ name }) => name === wanted) ?? schedules[0]
          return shown ? (
            <>
              <nav class="tabs" aria-label={t.title}>
                {schedules.map(({ name }) => (
                  <Link
                    key={name}
                    href={`/on-call/${encodeURIComponent(name)}`}
                    {...(name === shown.name && { 'aria-current': 'page' as const })}
                  >
                    {name}
                  </Link>
                ))}
              </nav>
              <Schedule key={`${shown.name} ${shown.version}`} schedule={shown} onChanged={page.reload} />
            </>
          ) : (
            <Empty>{t.none}</Empty>
          )
        }}
      </Loadable>
      {isAdding && <NewDialog onClose={() => setAdding(false)} onDone={done} />}
    </div>
  )
}

function Schedule({ schedule, onChanged }: { schedule: ScheduleView; onChanged: () => void }) {
  const t = texts.value.onCall
  const [asking, setAsking] = useState<'layers' | 'override' | null>(null)
  const today = wallClock(Date.now(), schedule.zone).date
  const [month, setMonth] = useState(today.slice(0, 7))
  const close = () => setAsking(null)
  const done = () => {
    close()
    onChanged()
    shown.reload()
  }
  const shown = useLoad(`${schedule.name} ${month}`, (signal) => loadMonth(schedule, month, signal))
  useAgain(shown.reload, AGAIN_MS)
  return (
    <>
      <Loadable of={shown}>
        {({ now, shifts, overrides, names, path }) => (
          <>
            <section class="panel">
              <Facts
                facts={[
                  [t.now, <Now key="now" now={now} names={names} />],
                  [t.team, schedule.team],
                  [t.zone, schedule.zone],
                ]}
              />
              <div class="buttons">
                <button type="button" class="button" onClick={() => setAsking('override')}>
                  {t.override}
                </button>
                <button type="button" class="button" onClick={() => setAsking('layers')}>
                  {t.edit}
                </button>
              </div>
            </section>
            <section class="panel" aria-label={month}>
              <div class="buttons">
                <button type="button" class="button small" onClick={() => setMonth(beside(month, -1))}>
                  {t.monthBefore}
                </button>
                <button type="button" class="button small" onClick={() => setMonth(beside(month, 1))}>
                  {t.monthAfter}
                </button>
              </div>
              <MonthPicture month={month} today={today} schedule={schedule} shifts={shifts} names={names} />
            </section>
            <Overrides schedule={schedule.name} overrides={overrides} onChanged={shown.reload} />
            <section class="panel">
              <h2>{t.calendar}</h2>
              <p class="faint">{t.calendarText}</p>
              <p>
                <code class="wraps">{new URL(path, location.href).href}</code>{' '}
                <CopyButton text={new URL(path, location.href).href} />
              </p>
            </section>
          </>
        )}
      </Loadable>
      {asking === 'layers' && <LayersDialog schedule={schedule} onClose={close} onDone={done} />}
      {asking === 'override' && <OverrideDialog schedule={schedule} onClose={close} onDone={done} />}
    </>
  )
}

interface MonthShown {
  now: OnCallNow | null
  shifts: readonly ShiftView[]
  overrides: readonly OverrideView[]
  names: ReadonlyMap<string, string>
  path: string
}

async function loadMonth(
  { name, team, zone }: ScheduleView,
  month: string,
  signal: AbortSignal,
): Promise<MonthShown> {
  const { from, to } = monthSpan(month, zone)
  const span = `?from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`
  const base = `/oncall/schedules/${encodeURIComponent(name)}`
  const [now, shifts, overrides, members, calendar] = await Promise.all([
    get<readonly OnCallNow[]>(`/oncall/now?team=${encodeURIComponent(team)}`, { signal }),
    get<readonly ShiftView[]>(`${base}/shifts${span}`, { signal }),
    get<readonly OverrideView[]>(`${base}/overrides${span}`, { signal }),
    get<{ items: readonly MemberView[] }>('/members?limit=200', { signal }),
    get<{ path: string }>(`${base}/calendar`, { signal }),
  ])
  return {
    ...{ shifts, overrides, path: calendar.path },
    now: now.find(({ schedule }) => schedule === name) ?? null,
    names: new Map(members.items.map((member) => [member.name, member.displayName])),
  }
}

function Now({ now, names }: { now: OnCallNow | null; names: ReadonlyMap<string, string> }) {
  const t = texts.value.onCall
  if (!now) return <>{t.nobody}</>
  const who = now.members.map(({ displayName }) => displayName).join(', ') || t.nobody
  return (
    <>
      {[
        who,
        now.until && t.until(timeText(String(now.until))),
        now.next &&
          t.following(
            now.next.members.map((name) => names.get(name) ?? name).join(', ') || t.nobody,
            timeText(String(now.next.at)),
          ),
      ]
        .filter(Boolean)
        .join(' · ')}
    </>
  )
}

/** The same picture as in a chat. */
function MonthPicture(props: {
  month: string
  today: string
  schedule: ScheduleView
  shifts: readonly ShiftView[]
  names: ReadonlyMap<string, string>
}) {
  const t = texts.value.onCall
  const { month, today, schedule, shifts, names } = props
  const title = `${schedule.name} · ${month}`
  const svg = monthSvg({
    ...{ month, zone: schedule.zone, title, today, weekdays: t.weekdays, nobody: t.nobody },
    shifts: shifts.map(({ from, to, ...rest }) => ({ ...rest, from: Date.parse(from), to: Date.parse(to) })),
    nameOf: (member) => names.get(member) ?? member,
  })
  return <img class="picture" alt={title} src={`data:image/svg+xml,${encodeURIComponent(svg)}`} />
}

/** `2026-12` beside `2027-01`. */
function beside(month: string, by: -1 | 1): string {
  const at = new Date(`${month}-15T00:00:00Z`)
  at.setUTCMonth(at.getUTCMonth() + by)
  return at.toISOString().slice(0, 7)
}

function Overrides(props: { schedule: string; overrides: readonly OverrideView[]; onChanged: () => void }) {
  const t = texts.value.onCall
  const { schedule, overrides, onChanged } = props
  const drop = (id: string) =>
    del(`/oncall/schedules/${encodeURIComponent(schedule)}/overrides/${encodeURIComponent(id)}`).then(
      onChanged,
    )
  return (
    <section class="panel">
      <h2>{t.overrides}</h2>
      {overrides.length === 0 ? (
        <Empty>{t.noOverrides}</Empty>
      ) : (
        <Rows
          caption={t.overrides}
          rows={overrides}
          rowKey={({ id }: OverrideView) => id}
          columns={[
            { key: 'from', head: t.from, cell: (one) => timeText(one.from) },
            { key: 'to', head: t.to, cell: (one) => timeText(one.to) },
            {
              key: 'who',
              head: t.member,
              cell: (one) =>
                one.kind === 'replace'
                  ? [one.member, one.instead && `${t.kinds.replace} ${one.instead}`].filter(Boolean).join(' ')
                  : `${t.kinds[one.kind]} ${one.member}`,
            },
            {
              key: 'drop',
              head: '',
              cell: (one) => (
                <button type="button" class="button quiet small" onClick={() => void drop(one.id)}>
                  {t.remove}
                </button>
              ),
            },
          ]}
        />
      )}
    </section>
  )
}

// --- changing ---------------------------------------------------------------------------------------------------------

function NewDialog(props: Closing) {
  const t = texts.value.onCall
  const teams = useLoad('teams', (signal) => get<readonly TeamView[]>('/teams', { signal }))
  const send = (values: FormData) => {
    const name = String(values.get('name')).trim()
    const body = { team: String(values.get('team')), zone: String(values.get('zone')).trim(), layers: [] }
    return put(`/oncall/schedules/${encodeURIComponent(name)}`, body)
  }
  return (
    <SendingDialog title={t.add} submit={t.add} send={send} {...props}>
      {(wrong) => (
        <Loadable of={teams}>
          {(all) => (
            <>
              <Labelled id="name" label={t.name} wrong={wrong('name')} hint={texts.value.form.nameHint}>
                <input id="name" name="name" required autocomplete="off" autocapitalize="off" />
              </Labelled>
              <Labelled id="team" label={t.team} wrong={wrong('team')}>
                <select id="team" name="team" required>
                  {all.map(({ name, title }) => (
                    <option key={name} value={name}>
                      {title || name}
                    </option>
                  ))}
                </select>
              </Labelled>
              <Labelled id="zone" label={t.zone} wrong={wrong('zone')}>
                <input id="zone" name="zone" required value={all[0]?.zone ?? 'Asia/Shanghai'} />
              </Labelled>
            </>
          )}
        </Loadable>
      )}
    </SendingDialog>
  )
}

function LayersDialog({ schedule, ...closing }: Closing & { schedule: ScheduleView }) {
  const t = texts.value.onCall
  const today = wallClock(Date.now(), schedule.zone).date
  const [drafts, setDrafts] = useState<readonly LayerDraft[]>(
    schedule.layers.length === 0 ? [newDraft(1, today)] : schedule.layers.map(draftOf),
  )
  const change = (at: number, over: Partial<LayerDraft>) =>
    setDrafts(drafts.map((draft, index) => (index === at ? { ...draft, ...over } : draft)))
  const send = async () => {
    const layers = drafts.map((draft) => {
      const read = layerOf(draft)
      if (!read.ok) throw new Error(t.wrong[read.wrong])
      return read.value
    })
    const { name, team, zone } = schedule
    return put(`/oncall/schedules/${encodeURIComponent(name)}`, { team, zone, layers })
  }
  return (
    <SendingDialog title={`${t.edit} · ${schedule.name}`} submit={t.save} send={send} {...closing}>
      {() => (
        <>
          {drafts.map((draft, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a layer has no other name than its place
            <LayerFields key={at} at={at} draft={draft} onChange={(over) => change(at, over)}>
              <button
                type="button"
                class="button quiet small"
                onClick={() => setDrafts(drafts.filter((_, index) => index !== at))}
              >
                {t.dropLayer}
              </button>
            </LayerFields>
          ))}
          <button
            type="button"
            class="button"
            onClick={() => setDrafts([...drafts, newDraft(drafts.length + 1, today)])}
          >
            <Icon name="plus" />
            {t.addLayer}
          </button>
        </>
      )}
    </SendingDialog>
  )
}

function LayerFields(props: {
  at: number
  draft: LayerDraft
  onChange: (over: Partial<LayerDraft>) => void
  children: ComponentChildren
}) {
  const t = texts.value.onCall
  const { at, draft, onChange } = props
  const id = (name: string) => `layer-${at}-${name}`
  const typed = (name: keyof LayerDraft) => (event: { currentTarget: { value: string } }) =>
    onChange({ [name]: event.currentTarget.value })
  return (
    <fieldset class="stack">
      <legend>{t.layer(at + 1)}</legend>
      <Labelled id={id('people')} label={t.people} hint={t.peopleHint}>
        <input id={id('people')} value={draft.people} onInput={typed('people')} autocapitalize="off" />
      </Labelled>
      <Labelled id={id('every')} label={t.every}>
        <span class="buttons">
          <input id={id('every')} type="number" min={1} value={draft.every} onInput={typed('every')} />
          <select aria-label={t.every} value={draft.unit} onChange={typed('unit')}>
            {Object.entries(t.units).map(([unit, label]) => (
              <option key={unit} value={unit}>
                {label}
              </option>
            ))}
          </select>
        </span>
      </Labelled>
      <Labelled id={id('starts')} label={t.starts}>
        <input id={id('starts')} type="datetime-local" value={draft.starts} onInput={typed('starts')} />
      </Labelled>
      <Labelled id={id('days')} label={t.days} optional>
        <input id={id('days')} value={draft.days} onInput={typed('days')} autocapitalize="off" />
      </Labelled>
      <Labelled id={id('holidays')} label={t.holidays}>
        <select id={id('holidays')} value={draft.holidays} onChange={typed('holidays')}>
          {Object.entries(t.holidayChoices).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </Labelled>
      <Labelled id={id('priority')} label={t.priority}>
        <input id={id('priority')} type="number" min={0} value={draft.priority} onInput={typed('priority')} />
      </Labelled>
      <div class="buttons">{props.children}</div>
    </fieldset>
  )
}

function OverrideDialog({ schedule, ...closing }: Closing & { schedule: ScheduleView }) {
  const t = texts.value.onCall
  const send = (values: FormData) => {
    const at = (name: string) =>
      new Date(instantIn(String(values.get(name)).slice(0, 16), schedule.zone) ?? Number.NaN)
    const instead = String(values.get('instead')).trim()
    return post(`/oncall/schedules/${encodeURIComponent(schedule.name)}/overrides`, {
      ...{ kind: String(values.get('kind')), member: String(values.get('member')).trim() },
      ...{ from: at('from').toISOString(), to: at('to').toISOString() },
      instead: instead === '' ? null : instead,
    })
  }
  return (
    <SendingDialog title={t.override} submit={t.save} send={send} {...closing}>
      {(wrong) => (
        <>
          <Labelled id="kind" label={t.kind}>
            <select id="kind" name="kind">
              {Object.entries(t.kinds).map(([kind, label]) => (
                <option key={kind} value={kind}>
                  {label}
                </option>
              ))}
            </select>
          </Labelled>
          <Labelled id="member" label={t.member} wrong={wrong('member')}>
            <input id="member" name="member" required autocomplete="off" autocapitalize="off" />
          </Labelled>
          <Labelled id="instead" label={t.instead} wrong={wrong('instead')} optional>
            <input id="instead" name="instead" autocomplete="off" autocapitalize="off" />
          </Labelled>
          <Labelled id="from" label={`${t.from} (${schedule.zone})`} wrong={wrong('from')}>
            <input id="from" name="from" type="datetime-local" required />
          </Labelled>
          <Labelled id="to" label={`${t.to} (${schedule.zone})`} wrong={wrong('to')}>
            <input id="to" name="to" type="datetime-local" required />
          </Labelled>
        </>
      )}
    </SendingDialog>
  )
}
