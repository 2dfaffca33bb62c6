/** The time, for ages that grow while one looks. */
import { signal } from '@preact/signals'

export const now = signal(Date.now())
/** Coarser, so that a page of ages does not render every second. */
export const minuteNow = signal(Date.now())

setInterval(() => {
  now.value = Date.now()
}, 1000)
setInterval(() => {
  minuteNow.value = Date.now()
}, 10_000)
