import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { get, post, sentence } from '../../api.ts'
import { Trouble } from '../../parts/basics.tsx'
import { Icon, type IconName } from '../../parts/icon.tsx'
import { timeText } from '../../parts/time.tsx'
import { useAgain } from '../../parts/use-again.ts'
import { texts } from '../../state/reader.ts'
import type { ChatTest, WholeSetup } from '../../wire.ts'
import { Copied } from './guide.tsx'

const AGAIN_MS = 1_000

type Testing = { is: 'not-yet' } | { is: 'not-linked' } | { is: 'sent'; test: ChatTest }

/** A real card to who looks at this page, and what becomes of it. */
export function TestCard({ setup, onOver }: { setup: WholeSetup; onOver: () => void }) {
  const t = texts.value.setup
  const [testing, setTesting] = useState<Testing>({ is: 'not-yet' })
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<unknown>(null)

  const send = () => {
    if (busy) return
    setBusy(true)
    setTrouble(null)
    post<{ test: ChatTest | null }>(`/setups/${setup.vendor}/test`)
      .then(({ test }) => setTesting(test ? { is: 'sent', test } : { is: 'not-linked' }))
      .catch(setTrouble)
      .finally(() => setBusy(false))
  }
  const lookAgain = () => {
    if (testing.is !== 'sent' || isOver(testing.test)) return
    get<ChatTest>(`/setups/${setup.vendor}/tests/${testing.test.id}`)
      .then((test) => {
        setTesting({ is: 'sent', test })
        if (isOver(test)) onOver()
      })
      .catch(() => {})
  }
  useAgain(lookAgain, AGAIN_MS)
  return (
    <section class="panel" aria-labelledby="test">
      <h2 id="test">{t.test}</h2>
      <p class="faint small">{t.testAbout}</p>
      <div class="buttons">
        <button type="button" class="button" aria-busy={busy} onClick={send}>
          {testing.is === 'sent' ? t.sendAgain : t.send}
        </button>
      </div>
      {trouble !== null && <Trouble because={sentence(trouble)} />}
      <div aria-live="polite">{testing.is === 'sent' && <Progress test={testing.test} />}</div>
      {testing.is === 'not-linked' && <Linking setup={setup} />}
    </section>
  )
}

function isOver({ delivery, hasButton, pressed, changed }: ChatTest): boolean {
  if (delivery.is === 'refused') return true
  return pressed !== null ? changed : delivery.is === 'arrived' && !hasButton
}

function Progress({ test: { delivery, hasButton, pressed, changed } }: { test: ChatTest }) {
  const t = texts.value.setup
  const words = delivery.said && `${delivery.said.code}: ${delivery.said.message}`
  const way = { 'on-its-way': t.onItsWay, arrived: t.arrived, refused: t.refused }[delivery.is]
  return (
    <>
      <ol class="test-steps" aria-label={t.testSteps}>
        <Step is="done">{t.sent}</Step>
        <Step is={{ 'on-its-way': 'now', arrived: 'done', refused: 'wrong' }[delivery.is] as StepState}>
          {way}
          {words && delivery.is === 'on-its-way' && <span class="block small">{t.trying(words)}</span>}
          {words && delivery.is === 'refused' && <span class="block small">{t.said(words)}</span>}
        </Step>
        {delivery.is !== 'refused' && hasButton && (
          <>
            <Step is={pressed ? 'done' : delivery.is === 'arrived' ? 'now' : 'later'}>
              {pressed ? t.pressed(pressed.by) : t.waitPress}
            </Step>
            <Step is={changed ? 'done' : pressed ? 'now' : 'later'}>
              {changed ? t.changedThere : t.waitChange}
            </Step>
          </>
        )}
      </ol>
      {!hasButton && <p class="faint small">{t.noButton}</p>}
    </>
  )
}

type StepState = 'done' | 'now' | 'later' | 'wrong'

const MARKS: Record<StepState, IconName> = { done: 'good', now: 'progress', later: 'circle', wrong: 'bad' }

function Step({ is, children }: { is: StepState; children: ComponentChildren }) {
  return (
    <li class={`step-${is}`} {...(is === 'now' ? { 'aria-current': 'step' as const } : {})}>
      <Icon name={MARKS[is]} />
      <span>{children}</span>
    </li>
  )
}

interface LinkCode {
  code: string
  expiresAt: string
}

/** Who they are there is not known: a code says it. */
function Linking({ setup: { vendor, title } }: { setup: WholeSetup }) {
  const t = texts.value.setup
  const [code, setCode] = useState<LinkCode | null>(null)
  const [trouble, setTrouble] = useState<unknown>(null)
  if (vendor === 'email') return <p role="status">{t.noAddress}</p>
  const ask = () => {
    setTrouble(null)
    post<LinkCode>('/me/link-code').then(setCode).catch(setTrouble)
  }
  return (
    <div class="stack" role="status">
      <p>{t.notLinked}</p>
      {code === null ? (
        <div class="buttons">
          <button type="button" class="button" onClick={ask}>
            {t.getCode}
          </button>
        </div>
      ) : (
        <>
          <p>{t.sayThere(title)}</p>
          {/* Slack keeps lines that begin with another slash to itself. */}
          <Copied text={`${vendor === 'slack' ? '/sluice ' : '/'}link ${code.code}`} />
          <p class="faint small">{t.codeUntil(timeText(code.expiresAt))}</p>
        </>
      )}
      {trouble !== null && <Trouble because={sentence(trouble)} />}
    </div>
  )
}
