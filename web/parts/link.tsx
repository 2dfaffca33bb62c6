import type { ComponentChildren } from 'preact'
import { go } from '../state/address.ts'

interface Props {
  href: string
  children: ComponentChildren
  class?: string
  'aria-current'?: 'page' | 'true'
  'aria-label'?: string
}

/** An address within words: our own pages stay in this one. */
export function AddressLink({ address }: { address: string }) {
  const own = address.startsWith(`${location.origin}/`) ? address.slice(location.origin.length) : address
  if (own.startsWith('/')) return <Link href={own}>{address}</Link>
  return (
    <a href={address} target="_blank" rel="noreferrer">
      {address}
    </a>
  )
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
