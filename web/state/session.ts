/** Who is looking. */
import { signal } from '@preact/signals'
import { del, get, introduce, Problem, post, put } from '../api.ts'
import { query, safeNext } from '../rules/routes.ts'
import type { DemoMember, Language, Session } from '../wire.ts'
import { address, go, search } from './address.ts'
import { chooseLanguage, language, readAs, texts } from './reader.ts'

export type Visit =
  | { is: 'asking' }
  | { is: 'nobody' }
  | { is: 'silent' }
  | { is: 'member'; session: Session }

export const visit = signal<Visit>({ is: 'asking' })
export const demoMembers = signal<readonly DemoMember[]>([])
/** False while requests get no answer at all. */
export const answering = signal(true)

introduce({
  language: () => language.value,
  silent: () => texts.value.common.serverSilent,
  signedOut: () => {
    if (visit.value.is === 'member') leave()
  },
  heard: (answered) => {
    answering.value = answered
  },
})

function enter(session: Session): void {
  introduce({ csrf: session.csrf })
  readAs(session.member)
  visit.value = { is: 'member', session }
  if (session.demo && demoMembers.value.length === 0) {
    get<readonly DemoMember[]>('/demo/members').then(
      (members) => {
        demoMembers.value = members
      },
      () => {},
    )
  }
}

function leave(): void {
  introduce({ csrf: null })
  visit.value = { is: 'nobody' }
  const { path, search: at } = address.value
  if (path !== '/sign-in')
    go(`/sign-in${query({ next: path === '/' ? null : path + at })}`, { replace: true })
}

export async function arrive(): Promise<void> {
  visit.value = { is: 'asking' }
  const code = address.value.path === '/sign-in' ? search.value.get('code') : null
  // The sign-in page gives its code itself, and shows what became of it.
  if (code) {
    visit.value = { is: 'nobody' }
    return
  }
  try {
    enter(await get<Session>('/session', { anonymous: true }))
    if (address.value.path === '/sign-in') go(safeNext(search.value.get('next')), { replace: true })
  } catch (error) {
    if (error instanceof Problem && error.status === 401) leave()
    else visit.value = { is: 'silent' }
  }
}

export async function signIn(proof: { code: string } | { name: string; password: string }): Promise<void> {
  const session = await post<Session>('/session', proof, { anonymous: true })
  const next = safeNext(search.value.get('next'))
  enter(session)
  go(next, { replace: true })
}

export async function signOut(): Promise<void> {
  await del('/session').catch(() => {})
  leave()
}

export async function lookAs(member: string): Promise<void> {
  enter(await post<Session>('/demo/switch', { member }))
}

/** Asks whether the session still holds; without one, the answer leads to the sign-in page. */
export async function stillMember(): Promise<void> {
  await get<Session>('/session').catch(() => {})
}

/** The language of this page, and of what Sluice says to this member elsewhere. */
export function readIn(value: Language): void {
  chooseLanguage(value)
  if (visit.value.is === 'member') void put('/me', { language: value }).catch(() => {})
}
