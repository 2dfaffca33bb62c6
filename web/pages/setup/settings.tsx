import { useRef, useState } from 'preact/hooks'
import { Problem, put, sentence } from '../../api.ts'
import { Labelled, Trouble } from '../../parts/basics.tsx'
import { texts } from '../../state/reader.ts'
import type { SetupField, WholeSetup } from '../../wire.ts'
import { Copied } from './guide.tsx'

export type Entered = Readonly<Record<string, string | null>>

/** What the vendor's console gave, entered. Secrets never come back into their fields. */
export function Settings(props: {
  setup: WholeSetup
  /** What stands in the fields and is not saved; null: nothing. */
  onEnter: (entered: Entered | null) => void
  onSaved: (saved: WholeSetup) => void
  /** What a look at what was entered found wrong. */
  wrong: unknown
}) {
  const t = texts.value.setup
  const { setup } = props
  return (
    <section class="panel" aria-labelledby="settings">
      <h2 id="settings">{t.settings}</h2>
      {setup.callback && <Callback callback={setup.callback} />}
      {setup.from === 'environment' ? <Given setup={setup} /> : <Form {...props} />}
    </section>
  )
}

function Callback({ callback: { path, url } }: { callback: NonNullable<WholeSetup['callback']> }) {
  const t = texts.value.setup
  return (
    <div class="field">
      <p class="field-head">{t.callback}</p>
      {url === null ? <p class="faint small">{t.callbackMissing(path)}</p> : <Copied text={url} />}
      {url !== null && <p class="field-hint">{t.callbackHint}</p>}
    </div>
  )
}

function Given({ setup }: { setup: WholeSetup }) {
  const t = texts.value.setup
  return (
    <>
      <p>{t.byEnvironment}</p>
      <dl class="facts">
        {setup.fields
          .filter(({ isSet }) => isSet)
          .map((one) => (
            <div key={one.name}>
              <dt>{one.env}</dt>
              <dd>{one.value === null ? t.isSet : <code>{one.value}</code>}</dd>
            </div>
          ))}
      </dl>
    </>
  )
}

function Form({ setup, onEnter, onSaved, wrong: found }: Parameters<typeof Settings>[0]) {
  const t = texts.value.setup
  const form = useRef<HTMLFormElement>(null)
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<unknown>(null)
  const shown = trouble ?? found
  const fields = shown instanceof Problem ? shown.fields : new Map<string, string>()

  const submit = (event: Event) => {
    event.preventDefault()
    if (busy || !form.current) return
    setBusy(true)
    setTrouble(null)
    const matchPeople = new FormData(form.current).has('matchPeople')
    put<WholeSetup>(`/setups/${setup.vendor}`, { fields: enteredIn(form.current, setup), matchPeople })
      .then(onSaved)
      .catch(setTrouble)
      .finally(() => setBusy(false))
  }
  const changed = () => {
    setTrouble(null)
    onEnter(form.current && enteredIn(form.current, setup))
  }
  return (
    <form class="stack" ref={form} onSubmit={submit} onInput={changed} noValidate>
      {setup.fields.map((one) => (
        <OneField key={one.name} field={one} wrong={fields.get(`fields.${one.name}`)} />
      ))}
      {setup.vendor !== 'email' && (
        <div class="field">
          <span class="check">
            <input
              id="matchPeople"
              name="matchPeople"
              type="checkbox"
              defaultChecked={setup.matchPeople}
              aria-describedby="matchPeople-hint"
            />
            <label for="matchPeople">{t.matchPeople}</label>
          </span>
          <p class="field-hint" id="matchPeople-hint">
            {t.matchPeopleHint}
          </p>
        </div>
      )}
      {trouble !== null && <Trouble because={sentence(trouble)} />}
      <div class="buttons">
        <button type="submit" class="button primary" aria-busy={busy}>
          {busy && <span class="spinner" aria-hidden="true" />}
          {t.save}
        </button>
      </div>
    </form>
  )
}

function OneField({ field, wrong }: { field: SetupField; wrong: string | undefined }) {
  const t = texts.value.setup
  const { name, label, secret, required, isSet } = field
  const keeps = secret && isSet
  return (
    <Labelled
      id={name}
      label={label}
      hint={`${keeps ? `${t.keep} ` : ''}${field.hint} · ${t.envName(field.env)}`}
      wrong={wrong && t.wrong(label, wrong)}
      optional={!required}
    >
      <Input field={field} wrong={wrong !== undefined} />
      {keeps && !required && (
        <span class="check">
          <input id={`forget-${name}`} name={`forget-${name}`} type="checkbox" />
          <label for={`forget-${name}`}>{t.forget(label)}</label>
        </span>
      )}
    </Labelled>
  )
}

function Input({ field, wrong }: { field: SetupField; wrong: boolean }) {
  const t = texts.value.setup
  const { name, secret, required, isSet, choices, value } = field
  const own = {
    ...{ id: name, name },
    'aria-required': required && !(secret && isSet),
    'aria-invalid': wrong,
    'aria-describedby': `${name}-${wrong ? 'wrong' : 'hint'}`,
  }
  if (choices !== null) {
    return (
      <select {...own}>
        <option value="">{t.standard}</option>
        {choices.map((choice) => (
          <option key={choice} value={choice} selected={choice === value}>
            {choice}
          </option>
        ))}
      </select>
    )
  }
  const plain = { ...own, autocapitalize: 'off', spellcheck: false, defaultValue: value ?? '' } as const
  // A browser's own password is none of these.
  if (secret) return <input {...plain} type="password" autocomplete="new-password" />
  return <input {...plain} type="text" autocomplete="off" />
}

function enteredIn(form: HTMLFormElement, { fields }: WholeSetup): Entered {
  const values = new FormData(form)
  return Object.fromEntries(
    fields.map(({ name }) => [
      name,
      values.has(`forget-${name}`) ? null : String(values.get(name) ?? '').trim(),
    ]),
  )
}
