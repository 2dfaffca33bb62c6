import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { sentence } from '../api.ts'

export type Loaded<T> =
  | { is: 'loading' }
  | { is: 'ready'; value: T }
  /** `value`: what was there before, when it was. */
  | { is: 'failed'; because: string; value: T | null }

/**
 * Loads what `key` stands for, again when the key changes or `reload` is called. While the same thing is loaded again,
 * the former value stays.
 */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>) {
  const [state, setState] = useState<{ key: string; loaded: Loaded<T> }>({ key, loaded: { is: 'loading' } })
  const [round, setRound] = useState(0)
  const latest = useRef(load)
  latest.current = load

  useEffect(() => {
    const abort = new AbortController()
    latest.current(abort.signal).then(
      (value) => !abort.signal.aborted && setState({ key, loaded: { is: 'ready', value } }),
      (error: unknown) => {
        if (abort.signal.aborted) return
        setState((former) => ({
          key,
          loaded: { is: 'failed', because: sentence(error), value: kept(former, key) },
        }))
      },
    )
    return () => abort.abort()
  }, [key, round])

  const reload = useCallback(() => setRound((n) => n + 1), [])
  const loaded: Loaded<T> = state.key === key ? state.loaded : { is: 'loading' }
  return { loaded, value: loaded.is === 'loading' ? null : loaded.value, reload }
}

function kept<T>(former: { key: string; loaded: Loaded<T> }, key: string): T | null {
  return former.key === key && former.loaded.is !== 'loading' ? former.loaded.value : null
}
