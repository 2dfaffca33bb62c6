/** How the visitor reads: language, zone, appearance. Their choices on this page win over what the server knows. */
import { computed, effect, signal } from '@preact/signals'
import type { Reader } from '../rules/when.ts'
import type { Texts } from '../texts/en.ts'
import { en } from '../texts/en.ts'
import { zh } from '../texts/zh.ts'
import type { Language } from '../wire.ts'

export type Theme = 'auto' | 'light' | 'dark'

const stored = (name: string): string | null => {
  try {
    return localStorage.getItem(`sluice.${name}`)
  } catch {
    return null
  }
}

/** Private windows may refuse storage: then the choice lasts as long as the page. */
const store = (name: string, value: string) => {
  try {
    localStorage.setItem(`sluice.${name}`, value)
  } catch {}
}

const oneOf = <T extends string>(value: string | null, choices: readonly T[]): T | null =>
  choices.find((choice) => choice === value) ?? null

const chosenLanguage = signal(oneOf<Language>(stored('language'), ['zh', 'en']))
const memberLanguage = signal<Language | null>(null)
const browserLanguage: Language = navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
export const zone = signal(Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC')

export const language = computed<Language>(
  () => chosenLanguage.value ?? memberLanguage.value ?? browserLanguage,
)
export const textsIn = (of: Language): Texts => (of === 'zh' ? zh : en)
export const texts = computed<Texts>(() => textsIn(language.value))
export const reader = computed<Reader>(() => ({ language: language.value, zone: zone.value }))
export const theme = signal<Theme>(oneOf<Theme>(stored('theme'), ['light', 'dark']) ?? 'auto')

export function chooseLanguage(value: Language): void {
  chosenLanguage.value = value
  store('language', value)
}

export function chooseTheme(value: Theme): void {
  theme.value = value
  store('theme', value)
}

export function readAs(member: { language: Language; zone: string } | null): void {
  memberLanguage.value = member?.language ?? null
  if (member) zone.value = member.zone
}

effect(() => {
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en'
})
effect(() => {
  if (theme.value === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme.value
})
