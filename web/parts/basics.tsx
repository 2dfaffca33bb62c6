/** Small things that every page is made of. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { texts } from '../state/reader.ts'
import type { JobStateTag, OperationState, Tone } from '../wire.ts'
import type { IconName } from './icon.tsx'
import { Icon } from './icon.tsx'
import type { Loaded } from './use-load.ts'

export const TONE_ICON = {
  neutral: 'note',
  progress: 'progress',
  good: 'good',
  warning: 'warning',
  bad: 'bad',
} as const satisfies Record<Tone, IconName>

/** State by colour, mark and word: any two of them may be missed. */
export function Chip({ tone, icon, children }: { tone: Tone; icon: IconName; children: ComponentChildren }) {
  return (
    <span class={`chip tone-${tone}`}>
      <Icon name={icon} />
      {children}
    </span>
  )
}

const JOB_LOOK: Record<JobStateTag, { tone: Tone; icon: IconName }> = {
  new: { tone: 'neutral', icon: 'circle' },
  stopped: { tone: 'neutral', icon: 'stop' },
  starting: { tone: 'progress', icon: 'progress' },
  running: { tone: 'good', icon: 'play' },
  recovering: { tone: 'warning', icon: 'restart' },
  stopping: { tone: 'progress', icon: 'progress' },
  failed: { tone: 'bad', icon: 'bad' },
  ended: { tone: 'neutral', icon: 'check' },
  lost: { tone: 'warning', icon: 'question' },
}

export function JobStateChip({ state }: { state: JobStateTag }) {
  return <Chip {...JOB_LOOK[state]}>{texts.value.state[state]}</Chip>
}

const OPERATION_LOOK: Record<OperationState, { tone: Tone; icon: IconName }> = {
  'waiting-approval': { tone: 'warning', icon: 'person' },
  queued: { tone: 'neutral', icon: 'dots' },
  running: { tone: 'progress', icon: 'progress' },
  done: { tone: 'good', icon: 'good' },
  failed: { tone: 'bad', icon: 'bad' },
  refused: { tone: 'neutral', icon: 'close' },
  cancelled: { tone: 'neutral', icon: 'dash' },
}

export function OperationChip({ state }: { state: OperationState }) {
  return <Chip {...OPERATION_LOOK[state]}>{texts.value.op.state[state]}</Chip>
}

export function Spinner({ label }: { label?: string }) {
  return (
    <span class="spinner-line" role="status">
      <span class="spinner" aria-hidden="true" />
      <span>{label ?? texts.value.common.loading}</span>
    </span>
  )
}

/** Something did not work: the sentence, and the way out. */
export function Trouble({ because, retry }: { because: string; retry?: () => void }) {
  return (
    <div class="trouble" role="alert">
      <Icon name="warning" />
      <p>{because}</p>
      {retry && (
        <button type="button" class="button" onClick={retry}>
          {texts.value.common.retry}
        </button>
      )}
    </div>
  )
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>
}

/** Shows what was loaded; while it is reloaded or when reloading does not work, the former stays visible. */
export function Loadable<T>(props: {
  of: { loaded: Loaded<T>; reload: () => void }
  children: (value: T) => ComponentChildren
}) {
  const { loaded, reload } = props.of
  if (loaded.is === 'loading') return <Spinner />
  if (loaded.is === 'ready') return <>{props.children(loaded.value)}</>
  return (
    <>
      <Trouble because={loaded.because} retry={reload} />
      {loaded.value !== null && props.children(loaded.value)}
    </>
  )
}

export function CopyButton({ text }: { text: string }) {
  const [copied, setCopied] = useState(false)
  // Pages that came over plain HTTP have no clipboard.
  if (!navigator.clipboard) return null
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => setCopied(true))
  }
  return (
    <button type="button" class="button quiet small" onClick={copy} onBlur={() => setCopied(false)}>
      {copied ? texts.value.common.copied : texts.value.common.copy}
    </button>
  )
}

/** A native dialog: it keeps the focus inside, closes by Escape and gives the focus back. */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const opened = box.current
    opened?.showModal()
    return () => opened?.close()
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog; this click is for the backdrop only
    <dialog
      ref={box}
      class="dialog"
      aria-labelledby="dialog-title"
      onClose={props.onClose}
      onClick={(event) => event.target === box.current && props.onClose()}
    >
      <div class="dialog-body">
        <header>
          <h2 id="dialog-title">{props.title}</h2>
          <button
            type="button"
            class="button quiet icon-only"
            aria-label={texts.value.common.close}
            onClick={props.onClose}
          >
            <Icon name="close" />
          </button>
        </header>
        {props.children}
      </div>
    </dialog>
  )
}

/** A label with its field and, below, a hint or what is wrong with it. */
export function Labelled(props: {
  id: string
  label: string
  hint?: string | undefined
  wrong?: string | null | undefined
  optional?: boolean
  children: ComponentChildren
}) {
  return (
    <div class={`field ${props.wrong ? 'wrong' : ''}`}>
      <label for={props.id}>
        {props.label}
        {props.optional && <span class="faint"> · {texts.value.common.optional}</span>}
      </label>
      {props.children}
      {props.wrong && (
        <p class="field-wrong" id={`${props.id}-wrong`}>
          {props.wrong}
        </p>
      )}
      {!props.wrong && props.hint && (
        <p class="field-hint" id={`${props.id}-hint`}>
          {props.hint}
        </p>
      )}
    </div>
  )
}

export function Facts({
  facts,
}: {
  facts: readonly (readonly [label: string, value: ComponentChildren] | null)[]
}) {
  return (
    <dl class="facts">
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
