import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Problem, sentence } from '../api.ts'
import { texts } from '../state/reader.ts'
import { Dialog, Trouble } from './basics.tsx'

export interface Closing {
  onClose: () => void
  onDone: () => void
}

/** A dialog with fields that are sent at once; what is wrong stands at its field. */
export function SendingDialog(
  props: Closing & {
    title: string
    submit: string
    danger?: boolean
    send: (values: FormData) => Promise<unknown>
    children: (wrong: (field: string) => string | undefined) => ComponentChildren
  },
) {
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<unknown>(null)
  const fields = trouble instanceof Problem ? trouble.fields : new Map<string, string>()
  const submit = (event: Event) => {
    event.preventDefault()
    if (busy || !(event.currentTarget instanceof HTMLFormElement)) return
    setBusy(true)
    setTrouble(null)
    props
      .send(new FormData(event.currentTarget))
      .then(props.onDone)
      .catch(setTrouble)
      .finally(() => setBusy(false))
  }
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <form class="stack" onSubmit={submit}>
        {props.children((field) => fields.get(field))}
        {trouble !== null && <Trouble because={sentence(trouble)} />}
        <div class="buttons end">
          <button type="button" class="button plain" onClick={props.onClose}>
            {texts.value.common.cancel}
          </button>
          <button type="submit" class={`button ${props.danger ? 'danger' : 'primary'}`} aria-busy={busy}>
            {busy && <span class="spinner" aria-hidden="true" />}
            {props.submit}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
