/** Our own small set, drawn on 24 × 24; strokes follow the text's colour. */
const PATHS = {
  chat: 'M4 5h16v11H9l-5 4z',
  jobs: 'M4 6h10M4 12h16M4 18h7',
  clusters: 'M4 5h16v5H4zM4 14h16v5H4zM8 7.5h.01M8 16.5h.01',
  members:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2 .8 3.2 2.7 3.5 5.5',
  audit: 'M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h5',
  bell: 'M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4',
  plug: 'M9 3v5M15 3v5M6 8h12v4a6 6 0 0 1-12 0zM12 18v4',
  send: 'M12 19V5M6 11l6-6 6 6',
  down: 'M12 5v14M6 13l6 6 6-6',
  note: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8h.01',
  progress: 'M12 3a9 9 0 1 1-8.5 6M12 7v5l3 2',
  good: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8 12.5l2.8 2.8L16 9.5',
  warning: 'M12 4 2.8 20h18.4zM12 10v4M12 17h.01',
  bad: 'M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3zM12 8v5M12 16h.01',
  play: 'M7 4.5v15l12-7.5z',
  stop: 'M6 6h12v12H6z',
  restart: 'M20 12a8 8 0 1 1-2.5-5.8M20 3v4.5h-4.5',
  rollback: 'M4 12a8 8 0 1 0 2.5-5.8M4 3v4.5h4.5',
  savepoint: 'M6 3h12v18l-6-4.5L6 21z',
  scale: 'M4 20V10M10 20V4M16 20v-7M21 20v-4',
  dots: 'M5 12h.01M12 12h.01M19 12h.01',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6 6 18',
  check: 'M5 12.5l4.5 4.5L19 7',
  dash: 'M5 12h14',
  question: 'M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18h.01',
  circle: 'M12 19a7 7 0 1 0 0-14 7 7 0 0 0 0 14z',
  person: 'M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c.6-4.5 3.6-7 8-7s7.4 2.5 8 7',
  upload: 'M12 16V4M7 9l5-5 5 5M4 20h16',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5',
  back: 'M15 5l-7 7 7 7',
  filter: 'M4 5h16l-6 8v6l-4-2v-4z',
} as const

export type IconName = keyof typeof PATHS

/** Without a label an icon is decoration: the words beside it say the same. */
export function Icon({ name, label, class: extra }: { name: IconName; label?: string; class?: string }) {
  return (
    <svg
      role="img"
      aria-label={label ?? ''}
      aria-hidden={!label}
      class={`icon ${extra ?? ''}`}
      viewBox="0 0 24 24"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
