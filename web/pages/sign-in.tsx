import { useEffect, useRef, useState } from 'preact/hooks'
import { sentence } from '../api.ts'
import { Spinner, Trouble } from '../parts/basics.tsx'
import { Preferences } from '../parts/shell.tsx'
import { query } from '../rules/routes.ts'
import { go, search } from '../state/address.ts'
import { texts } from '../state/reader.ts'
import { signIn } from '../state/session.ts'

export function SignInPage() {
  const [trouble, setTrouble] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const code = search.value.get('code')
  const tried = useRef<string | null>(null)

  const prove = (proof: Parameters<typeof signIn>[0]) => {
    setBusy(true)
    setTrouble(null)
    signIn(proof)
      .catch((error: unknown) => setTrouble(sentence(error)))
      .finally(() => setBusy(false))
  }
  useEffect(() => {
    if (!code || tried.current === code) return
    tried.current = code
    // A code works once: it leaves the address, so that a reload does not show a spent one.
    go(`/sign-in${query({ next: search.value.get('next') })}`, { replace: true })
    prove({ code })
  }, [code])

  return (
    <main id="main" class="sign-in">
      <div class="panel">
        <img src="/logo.svg" alt="" width={48} height={48} />
        <h1>{texts.value.signIn.title}</h1>
        {trouble && <Trouble because={trouble} />}
        <PasswordForm busy={busy} prove={prove} />
        <p class="faint small">{texts.value.signIn.code}</p>
        <Preferences />
      </div>
    </main>
  )
}

function PasswordForm(props: { busy: boolean; prove: (proof: { name: string; password: string }) => void }) {
  const t = texts.value.signIn
  const submit = (event: Event) => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement) || props.busy) return
    const values = new FormData(event.currentTarget)
    props.prove({ name: String(values.get('name')), password: String(values.get('password')) })
  }
  return (
    <form onSubmit={submit} class="stack">
      <div class="field">
        <label for="name">{t.name}</label>
        <input id="name" name="name" required autocomplete="username" autocapitalize="off" />
      </div>
      <div class="field">
        <label for="password">{t.password}</label>
        <input id="password" name="password" type="password" required autocomplete="current-password" />
      </div>
      <button type="submit" class="button primary wide" aria-busy={props.busy}>
        {t.submit}
      </button>
      {props.busy && <Spinner label={t.working} />}
    </form>
  )
}
