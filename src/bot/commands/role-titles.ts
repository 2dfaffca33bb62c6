import type { Platform } from '../../platform/platform.ts'
import type { Voice } from '../texts/voice.ts'

/** What people call a role: `operator`, `运维`. In English by its name, which is what is typed. */
export async function roleTitles(
  { access }: Platform,
  { language }: Voice,
): Promise<(role: string) => string> {
  if (language === 'en') return (role) => role
  const titles = new Map((await access.roles()).map(({ name, title }) => [name, title.zh]))
  return (role) => titles.get(role) ?? role
}
