export interface Java {
  readonly home: string
  /** 8, 11, 17, … */
  readonly major: number
  readonly text: string
}

export type JavaVerdict =
  | { readonly ok: true; readonly java: Java }
  | { readonly ok: false; readonly why: 'none' }
  | { readonly ok: false; readonly why: 'unsuitable'; readonly found: readonly Java[] }

/** `1.8.0_392` is 8, `17.0.15` is 17. */
export function javaMajor(text: string): number | null {
  const match = /^(?:1\.)?(\d+)/.exec(text)
  return match ? Number(match[1]) : null
}
