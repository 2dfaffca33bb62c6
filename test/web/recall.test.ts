import { describe, expect, it } from 'vitest'
import { noRecall, recall } from '../../web/rules/recall.ts'

const words = ['/help', '/job list']

describe('recalling former words', () => {
  it('goes back from the newest and ends at the oldest', () => {
    const first = recall(noRecall, words, { by: 1, text: 'draft' })
    const second = first && recall(first.state, words, { by: 1, text: first.text })

    expect([first?.text, second?.text]).toEqual(['/job list', '/help'])
    expect(second && recall(second.state, words, { by: 1, text: second.text })).toBeNull()
  })

  it('comes forward to what was being written', () => {
    const back = recall(noRecall, words, { by: 1, text: 'draft' })

    expect(back && recall(back.state, words, { by: -1, text: back.text })?.text).toBe('draft')
  })

  it('goes nowhere forward from what is being written, nor back without former words', () => {
    expect(recall(noRecall, words, { by: -1, text: '' })).toBeNull()
    expect(recall(noRecall, [], { by: 1, text: '' })).toBeNull()
  })
})
