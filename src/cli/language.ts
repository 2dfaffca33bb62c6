import type { Environment } from '../settings.ts'
import type { Language } from './cli.ts'

/**
 * The language of the terminal: LANGUAGE, else the settings file, else the locale, else English. Read apart from the
 * settings, because it must be known when they are wrong too; and unlike in a chat, a terminal without a locale may
 * not be able to show Chinese.
 */
export function terminalLanguage(environment: Environment, settingsFile: string | null): Language {
  const { LANGUAGE, LC_ALL, LC_MESSAGES, LANG } = environment
  const inFile = /^language[ \t]*:[ \t]*['"]?(zh|en)\b/m.exec(settingsFile ?? '')?.[1]
  return ours(LANGUAGE) ?? ours(inFile) ?? ours(LC_ALL || LC_MESSAGES || LANG) ?? 'en'
}

function ours(text: string | undefined): Language | null {
  const found = /^(zh|en)(?![a-z])/i.exec(text ?? '')?.[1]?.toLowerCase()
  return found === 'zh' || found === 'en' ? found : null
}
