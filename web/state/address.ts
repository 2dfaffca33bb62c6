/** The address bar as state. */
import { computed, signal } from '@preact/signals'
import { query, routeOf } from '../rules/routes.ts'

export const address = signal({ path: location.pathname, search: location.search })
export const route = computed(() => routeOf(address.value.path))
export const search = computed(() => new URLSearchParams(address.value.search))

function read(): void {
  address.value = { path: location.pathname, search: location.search }
}

window.addEventListener('popstate', read)

export function go(href: string, how: { replace?: boolean } = {}): void {
  if (how.replace) history.replaceState(null, '', href)
  else history.pushState(null, '', href)
  read()
}

/** Changes filters in the address; a new filter starts at the first page. */
export function refine(
  values: Readonly<Record<string, string | null>>,
  how: { replace?: boolean } = {},
): void {
  const kept = Object.fromEntries(search.value)
  go(address.value.path + query({ ...kept, cursor: null, ...values }), how)
}
