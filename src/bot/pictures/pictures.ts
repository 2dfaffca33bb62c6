/** Draws what a card shows as a picture. PNG, in base64. */
export interface Pictures {
  png(svg: string): Promise<string>
}

/** Told apart in grey too, and by who sees no red. */
export const TIER_COLORS = { P0: '#a50f15', P1: '#de6b35', P2: '#e8b84a', P3: '#9aa5b1' } as const

export const FONT = 'Noto Sans SC'
