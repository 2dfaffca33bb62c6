import type { ComponentChildren } from 'preact'
import { go } from '../state/address.ts'

interface Props {
  href: string
  children: ComponentChildren
  class?: string
  'aria-current'?: 'page' | 'true'
  'aria-label'?: string
}

/** A link within the page; with a modifier key or another button it stays the browser's. */
export function Link({ href, children, ...rest }: Props) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(href)
  }
  return (
    <a {...rest} href={href} onClick={follow}>
      {children}
    </a>
  )
}
