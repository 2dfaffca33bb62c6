import { useEffect, useRef } from 'preact/hooks'

/** Calls again and again while the page is looked at. */
export function useAgain(call: () => void, everyMs: number): void {
  const latest = useRef(call)
  latest.current = call
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') latest.current()
    }, everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
}

/** Calls soon after `count` has grown, at most once per `pauseMs` however fast it grows. */
export function useCalm(call: () => void, count: number, pauseMs: number): void {
  const latest = useRef(call)
  latest.current = call
  const timer = useRef<number | null>(null)
  const first = useRef(count)
  useEffect(() => {
    if (count === first.current || timer.current !== null) return
    timer.current = window.setTimeout(() => {
      timer.current = null
      latest.current()
    }, pauseMs)
  }, [count])
  useEffect(() => () => window.clearTimeout(timer.current ?? undefined), [])
}
