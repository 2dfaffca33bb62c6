/** What one can ask of a job. Rights, plans and approvals are the server's; here is only the asking. */
import { useRef, useState } from 'preact/hooks'
import { never } from '../../../src/lib/never.ts'
import { get, Problem, post, sentence } from '../../api.ts'
import { Dialog, Labelled, Trouble } from '../../parts/basics.tsx'
import type { IconName } from '../../parts/icon.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Link } from '../../parts/link.tsx'
import { timeText } from '../../parts/time.tsx'
import { useLoad } from '../../parts/use-load.ts'
import { newKey } from '../../state/chat.ts'
import { texts } from '../../state/reader.ts'
import type { Job, JobPage, Operation, Order, Paged, Savepoint, StartFrom } from '../../wire.ts'

type Act = 'start' | 'stop' | 'restart' | 'rollback' | 'savepoint' | 'scale' | 'cancel'

const ICONS = {
  start: 'play',
  stop: 'stop',
  restart: 'restart',
  rollback: 'rollback',
  savepoint: 'savepoint',
  scale: 'scale',
  cancel: 'close',
} as const satisfies Record<Act, IconName>

/** The first ones are at hand, the others under "More". */
export function actsFor(job: Job): readonly Act[] {
  switch (job.state.is) {
    case 'new':
      return ['start']
    case 'stopped':
    case 'ended':
      return ['start', 'rollback']
    case 'failed':
      return ['restart', 'rollback', 'start']
    case 'running':
    case 'recovering':
      return ['restart', 'savepoint', 'stop', 'rollback', 'scale', 'cancel']
    case 'starting':
    case 'stopping':
    case 'lost':
      return ['restart', 'stop', 'cancel']
    default:
      return never(job.state)
  }
}

interface Given {
  known: JobPage
  onAsked: (operation: Operation) => void
  onChanged: () => void
}

export function Actions({ known, onAsked, onChanged }: Given) {
  const t = texts.value.act
  const [asking, setAsking] = useState<Act | 'archive' | null>(null)
  const { job } = known
  if (job.archivedAt) return null
  const acts = actsFor(job)
  const close = () => setAsking(null)
  return (
    <>
      {acts.slice(0, 2).map((act, index) => (
        <button
          key={act}
          type="button"
          class={`button ${index === 0 ? 'primary' : 'plain'}`}
          onClick={() => setAsking(act)}
        >
          <Icon name={ICONS[act]} />
          {t[act]}
        </button>
      ))}
      <More job={job} acts={acts.slice(2)} onChoose={setAsking} />
      {asking === 'archive' && <ArchiveDialog job={job} onClose={close} onChanged={onChanged} />}
      {asking !== null && asking !== 'archive' && (
        <AskDialog act={asking} job={job} onClose={close} onAsked={onAsked} />
      )}
    </>
  )
}

function More(props: { job: Job; acts: readonly Act[]; onChoose: (act: Act | 'archive') => void }) {
  const t = texts.value.act
  const box = useRef<HTMLDetailsElement>(null)
  const shut = () => {
    if (box.current) box.current.open = false
  }
  const choose = (act: Act | 'archive') => {
    shut()
    props.onChoose(act)
  }
  const onFocusOut = (event: FocusEvent) => {
    const to = event.relatedTarget
    if (!(to instanceof Node) || !box.current?.contains(to)) shut()
  }
  return (
    <details
      class="menu"
      ref={box}
      onFocusOut={onFocusOut}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        shut()
        box.current?.querySelector('summary')?.focus()
      }}
    >
      <summary class="button plain">
        <Icon name="dots" />
        {t.more}
      </summary>
      <div class="menu-list">
        {props.acts.map((act) => (
          <button key={act} type="button" onClick={() => choose(act)}>
            <Icon name={ICONS[act]} />
            {t[act]}
          </button>
        ))}
        <Link href={`/jobs/${encodeURIComponent(props.job.name)}/release`}>
          <Icon name="plus" />
          {t.release}
        </Link>
        <button type="button" onClick={() => choose('archive')}>
          <Icon name="audit" />
          {t.archive}
        </button>
      </div>
    </details>
  )
}

/** `from`: the savepoint that is chosen to begin with. */
export function AskDialog(props: {
  act: Act
  job: Job
  from?: string
  onClose: () => void
  onAsked: (operation: Operation) => void
}) {
  const { act, job } = props
  const t = texts.value.act
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<unknown>(null)
  // The same asking keeps its key: a second tap, or a try after a lost answer, is the same request.
  const key = useRef(newKey())
  const submit = (event: Event) => {
    event.preventDefault()
    if (busy || !(event.currentTarget instanceof HTMLFormElement)) return
    const values = new FormData(event.currentTarget)
    setBusy(true)
    setTrouble(null)
    const reason = String(values.get('reason') ?? '').trim()
    const body = { ...orderOf(act, values), ...(reason ? { reason } : {}) }
    post<Operation>(`/jobs/${encodeURIComponent(job.name)}/operations`, body, { key: key.current })
      .then((operation) => {
        props.onAsked(operation)
        props.onClose()
      })
      .catch((error: unknown) => {
        if (error instanceof Problem && error.status > 0) key.current = newKey()
        setTrouble(error)
      })
      .finally(() => setBusy(false))
  }
  return (
    <Dialog title={t.title(t[act], job.name)} onClose={props.onClose}>
      <form class="stack" onSubmit={submit}>
        <OrderFields act={act} job={job} from={props.from ?? 'latest'} />
        <Labelled id="reason" label={t.reason} hint={t.reasonHint} optional>
          <input id="reason" name="reason" autocomplete="off" aria-describedby="reason-hint" />
        </Labelled>
        <p class="faint small">{t.approvalHint}</p>
        {trouble !== null && <Trouble because={sentence(trouble)} />}
        <div class="buttons end">
          <button type="button" class="button plain" onClick={props.onClose}>
            {texts.value.common.cancel}
          </button>
          <button
            type="submit"
            class={`button ${act === 'stop' || act === 'cancel' ? 'danger' : 'primary'}`}
            aria-busy={busy}
          >
            {busy && <span class="spinner" aria-hidden="true" />}
            {t[act]}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function orderOf(act: Act, values: FormData): Order {
  const text = (name: string) => String(values.get(name) ?? '')
  const number = (name: string) => (text(name) ? Number(text(name)) : null)
  switch (act) {
    case 'start':
      return { verb: 'start', release: number('release'), from: fromOf(text('from')) }
    case 'stop':
      return { verb: 'stop', how: stopHow(text('how')) }
    case 'restart':
      return {
        verb: 'restart',
        release: number('release'),
        how: text('how') === 'plain' ? 'plain' : 'savepoint',
        from: { is: 'latest' },
      }
    case 'rollback':
      return { verb: 'rollback', to: number('release'), from: fromOf(text('from')) }
    case 'scale':
      return { verb: 'scale', parallelism: number('parallelism') ?? 1 }
    case 'savepoint':
    case 'cancel':
      return { verb: act }
    default:
      return never(act)
  }
}

const stopHow = (text: string) => (text === 'drain' || text === 'plain' ? text : 'savepoint')

function fromOf(text: string): StartFrom {
  if (text === '' || text === 'latest') return { is: 'latest' }
  return text === 'none' ? { is: 'none' } : { is: 'savepoint', id: text }
}

function OrderFields({ act, job, from }: { act: Act; job: Job; from: string }) {
  switch (act) {
    case 'start':
    case 'rollback':
      return (
        <>
          <ReleaseField job={job} act={act} />
          <FromField job={job} wanted={from} />
        </>
      )
    case 'restart':
      return (
        <>
          <ReleaseField job={job} act={act} />
          <HowField choices={['withSavepoint', 'plainRestart']} />
        </>
      )
    case 'stop':
      return <HowField choices={['withSavepoint', 'drain', 'plain']} />
    case 'scale':
      return <ParallelismField />
    case 'savepoint':
    case 'cancel':
      return null
    default:
      return never(act)
  }
}

function ReleaseField({ job, act }: { job: Job; act: 'start' | 'restart' | 'rollback' }) {
  const t = texts.value.act
  const numbers = Array.from({ length: Math.min(job.releases, 100) }, (_, index) => job.releases - index)
  const fit = act === 'rollback' ? numbers.filter((one) => one !== job.effectiveRelease) : numbers
  const label = (one: number) =>
    one === job.effectiveRelease
      ? t.effectiveRelease(one)
      : one === job.releases
        ? t.newestRelease(one)
        : String(one)
  const initial = act === 'restart' ? (job.effectiveRelease ?? '') : act === 'start' ? job.releases : ''
  return (
    <Labelled id="release" label={t.toRelease}>
      <select id="release" name="release">
        {act === 'rollback' && <option value="">{t.formerRelease}</option>}
        {fit.map((one) => (
          <option key={one} value={one} selected={one === initial}>
            {label(one)}
          </option>
        ))}
      </select>
    </Labelled>
  )
}

function FromField({ job, wanted }: { job: Job; wanted: string }) {
  const t = texts.value
  const savepoints = useLoad(job.name, (signal) =>
    get<Paged<Savepoint>>(`/jobs/${encodeURIComponent(job.name)}/savepoints?limit=20`, { signal }).then(
      (page) => page.items,
    ),
  )
  const there = (savepoints.value ?? []).filter((one) => one.presence !== 'gone')
  return (
    <Labelled id="from" label={t.act.from}>
      <select id="from" name="from" key={there.length}>
        <option value="latest">{t.act.fromLatest}</option>
        {there.map((one) => (
          <option key={one.id} value={one.id} selected={one.id === wanted}>
            {timeText(one.at)} · {t.savepoints.origins[one.origin]}
            {one.release === null ? '' : ` · ${t.releases.show(one.release)}`}
          </option>
        ))}
        <option value="none">{t.act.fromNone}</option>
      </select>
    </Labelled>
  )
}

const HOW = { withSavepoint: 'savepoint', drain: 'drain', plain: 'plain', plainRestart: 'plain' } as const

function HowField({ choices }: { choices: readonly (keyof typeof HOW)[] }) {
  const t = texts.value.act
  return (
    <fieldset class="choice">
      <legend>{t.how}</legend>
      {choices.map((choice, index) => (
        <label class="check" key={choice}>
          <input type="radio" name="how" value={HOW[choice]} defaultChecked={index === 0} />
          {t[choice]}
        </label>
      ))}
    </fieldset>
  )
}

function ParallelismField() {
  return (
    <Labelled id="parallelism" label={texts.value.act.parallelism}>
      <input
        id="parallelism"
        name="parallelism"
        type="number"
        inputMode="numeric"
        min={1}
        max={32768}
        required
      />
    </Labelled>
  )
}

function ArchiveDialog(props: { job: Job; onClose: () => void; onChanged: () => void }) {
  const t = texts.value.act
  const [trouble, setTrouble] = useState<string | null>(null)
  const archive = () => {
    post(`/jobs/${encodeURIComponent(props.job.name)}/archive`)
      .then(() => {
        props.onChanged()
        props.onClose()
      })
      .catch((error: unknown) => setTrouble(sentence(error)))
  }
  return (
    <Dialog title={t.title(t.archive, props.job.name)} onClose={props.onClose}>
      <p>{t.archiveHint}</p>
      {trouble && <Trouble because={trouble} />}
      <div class="buttons end">
        <button type="button" class="button plain" onClick={props.onClose}>
          {texts.value.common.cancel}
        </button>
        <button type="button" class="button danger" onClick={archive}>
          {t.archive}
        </button>
      </div>
    </Dialog>
  )
}
