/** The frame around every page: navigation, who is looking, the demo's switch. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { sentence } from '../api.ts'
import { address, route } from '../state/address.ts'
import { chat, chats } from '../state/chat.ts'
import type { Theme } from '../state/reader.ts'
import { chooseTheme, language, texts, theme } from '../state/reader.ts'
import { answering, demoMembers, lookAs, readIn, signOut } from '../state/session.ts'
import type { Session } from '../wire.ts'
import type { IconName } from './icon.tsx'
import { Icon } from './icon.tsx'
import { Link } from './link.tsx'

const PLACES = [
  { is: 'chat', href: '/', icon: 'chat' },
  { is: 'jobs', href: '/jobs', icon: 'jobs' },
  { is: 'clusters', href: '/clusters', icon: 'clusters' },
  { is: 'onCall', href: '/on-call', icon: 'bell' },
  { is: 'members', href: '/members', icon: 'members' },
  { is: 'audit', href: '/audit', icon: 'audit' },
  { is: 'setup', href: '/setup', icon: 'plug' },
] as const satisfies readonly { is: string; href: string; icon: IconName }[]

export function Shell({ session, children }: { session: Session; children: ComponentChildren }) {
  const t = texts.value
  const main = useFocusOnNewPage()
  return (
    <div class="shell">
      <a class="skip" href="#main">
        {t.skip}
      </a>
      {session.demo && <DemoSwitch current={session.member.name} />}
      <header class="top">
        <Link href="/" class="brand" aria-label="Sluice">
          <img src="/logo.svg" alt="" width={28} height={28} />
          <span>Sluice</span>
        </Link>
        {session.sandbox && <SandboxMark />}
        <AccountMenu session={session} />
      </header>
      <Navigation isAdmin={session.member.isAdmin} />
      {/* The chat has a line of its own for this, as it has a feed that comes back. */}
      {!answering.value && route.value.is !== 'chat' && (
        <div class="banner page-banner" role="status">
          <Icon name="warning" />
          <span>{t.common.offline}</span>
        </div>
      )}
      <main id="main" class="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </div>
  )
}

function SandboxMark() {
  return (
    <span class="chip tone-warning sandbox">
      <Icon name="warning" />
      {texts.value.sandbox}
    </span>
  )
}

/** After a change of page the focus is on its heading, so that a reader begins there. */
function useFocusOnNewPage() {
  const main = useRef<HTMLElement>(null)
  const path = address.value.path
  const former = useRef(path)
  useEffect(() => {
    if (former.current === path) return
    // Tabs of a job and other chats keep the focus where it was used.
    const samePlace = samePage(former.current, path)
    former.current = path
    if (samePlace) return
    const heading = main.current?.querySelector<HTMLElement>('h1')
    heading?.focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }, [path])
  return main
}

const samePage = (a: string, b: string) => {
  const [, firstA, secondA] = a.split('/')
  const [, firstB, secondB] = b.split('/')
  return firstA === firstB && (firstA === 'chat' || secondA === secondB)
}

function isHere(place: string): boolean {
  const { is } = route.value
  if (place === 'jobs') return is === 'job' || is === 'jobs' || is === 'new-job' || is === 'new-release'
  if (place === 'setup') return is === 'setup' || is === 'setups'
  return is === place
}

function Navigation({ isAdmin }: { isAdmin: boolean }) {
  const t = texts.value.nav
  const places = PLACES.filter(({ is }) => is !== 'setup' || isAdmin)
  return (
    <nav class="nav" aria-label={t.main}>
      <ul>
        {places.map((place) => (
          <li key={place.is}>
            <Link
              href={
                place.is === 'chat' && chat.value
                  ? `/chat/${encodeURIComponent(chat.value.name)}`
                  : place.href
              }
              {...(isHere(place.is) ? { 'aria-current': 'page' as const } : {})}
            >
              <Icon name={place.icon} />
              <span>{t[place.is]}</span>
            </Link>
            {place.is === 'chat' && <ChatList />}
          </li>
        ))}
      </ul>
    </nav>
  )
}

function ChatList() {
  const all = chats.value ?? []
  if (all.length < 2) return null
  return (
    <ul class="nav-chats">
      {all.map((one) => (
        <li key={one.name}>
          <Link
            href={`/chat/${encodeURIComponent(one.name)}`}
            {...(route.value.is === 'chat' && one.name === chat.value?.name
              ? { 'aria-current': 'true' as const }
              : {})}
          >
            {one.title}
          </Link>
        </li>
      ))}
    </ul>
  )
}

/** One tap and one looks as somebody else: an approval needs two people, a visitor is one. */
function DemoSwitch({ current }: { current: string }) {
  const [busy, setBusy] = useState<string | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const change = (name: string) => {
    if (name === current || busy !== null) return
    setBusy(name)
    setTrouble(null)
    lookAs(name)
      .catch((error: unknown) => setTrouble(sentence(error)))
      .finally(() => setBusy(null))
  }
  return (
    <section class="demo" aria-label={texts.value.demo.title}>
      <span class="demo-title">{texts.value.demo.title}</span>
      <div class="segments">
        {demoMembers.value.map((member) => (
          <button
            key={member.name}
            type="button"
            aria-pressed={member.name === current}
            aria-busy={busy === member.name}
            onClick={() => change(member.name)}
          >
            {member.displayName}
            <small>{member.role}</small>
          </button>
        ))}
      </div>
      {trouble && <span role="alert">{trouble}</span>}
    </section>
  )
}

function AccountMenu({ session }: { session: Session }) {
  const t = texts.value.account
  const box = useRef<HTMLDetailsElement>(null)
  const close = () => {
    if (box.current) box.current.open = false
  }
  useEffect(() => {
    const outside = (event: Event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) close()
    }
    document.addEventListener('pointerdown', outside)
    return () => document.removeEventListener('pointerdown', outside)
  }, [])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !box.current?.open) return
    close()
    box.current.querySelector('summary')?.focus()
  }
  return (
    <details class="account" ref={box} onKeyDown={onKeyDown}>
      <summary aria-label={`${t.open}: ${session.member.displayName}`}>
        <span class="avatar" aria-hidden="true">
          {[...session.member.displayName][0]}
        </span>
        <span class="account-name" aria-hidden="true">
          {session.member.displayName}
        </span>
      </summary>
      <div class="account-menu">
        <p>
          <strong>{session.member.displayName}</strong> <span class="faint">{session.member.name}</span>
        </p>
        <ul class="plain-list faint">
          {session.member.isAdmin && <li>{t.admin}</li>}
          {session.member.teams.map((one) => (
            <li key={one.team}>
              {one.team} · {one.role}
            </li>
          ))}
        </ul>
        <Preferences />
        <button type="button" class="button" onClick={() => void signOut()}>
          {t.signOut}
        </button>
        <p class="faint small">Sluice {session.version}</p>
      </div>
    </details>
  )
}

export function Preferences() {
  const t = texts.value.account
  const themes: readonly [Theme, string][] = [
    ['auto', t.auto],
    ['light', t.light],
    ['dark', t.dark],
  ]
  return (
    <>
      <fieldset class="choice">
        <legend>{t.language}</legend>
        <div class="segments">
          <button
            type="button"
            lang="zh-CN"
            aria-pressed={language.value === 'zh'}
            onClick={() => readIn('zh')}
          >
            中文
          </button>
          <button type="button" lang="en" aria-pressed={language.value === 'en'} onClick={() => readIn('en')}>
            English
          </button>
        </div>
      </fieldset>
      <fieldset class="choice">
        <legend>{t.theme}</legend>
        <div class="segments">
          {themes.map(([value, label]) => (
            <button
              key={value}
              type="button"
              aria-pressed={theme.value === value}
              onClick={() => chooseTheme(value)}
            >
              {label}
            </button>
          ))}
        </div>
      </fieldset>
    </>
  )
}
