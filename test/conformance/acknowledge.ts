/**
 * What becomes of an incident: minutes since it was triggered, what happens, and what is to follow. `pages` are the
 * reasons for which people are called; of P0 by the default chain (on call at 0, with leads at 5, the team at 15).
 */
export interface LifeRow {
  says: string
  tier: 'P0' | 'P1' | 'P2' | 'P3'
  /** Which chain it has: the default of its tier, or none. */
  chain?: 'none'
  story: readonly (readonly [minute: number, event: string])[]
  until: number
  pages: readonly string[]
  state: 'triggered' | 'acknowledged' | 'resolved'
  notes?: readonly string[]
}

export const LIVES: readonly LifeRow[] = [
  {
    says: 'P0 calls at once and goes on until everybody was called',
    ...{ tier: 'P0', story: [], until: 16, state: 'triggered' },
    pages: ['0 step:0:0', '5 step:0:1', '15 step:0:2'],
  },
  {
    says: 'P0 begins again from the first, three times',
    ...{ tier: 'P0', story: [], until: 200, state: 'triggered' },
    pages: [
      ...['0 step:0:0', '5 step:0:1', '15 step:0:2', '25 step:1:0', '30 step:1:1', '40 step:1:2'],
      ...['50 step:2:0', '55 step:2:1', '65 step:2:2', '75 step:3:0', '80 step:3:1', '90 step:3:2'],
    ],
    notes: ['chain-finished'],
  },
  { says: 'P2 calls nobody', tier: 'P2', story: [], until: 600, pages: [], state: 'triggered' },
  { says: 'P3 calls nobody', tier: 'P3', story: [], until: 600, pages: [], state: 'triggered' },
  {
    says: 'an acknowledgement stops it',
    ...{ tier: 'P0', story: [[6, 'ack lin']], until: 20, state: 'acknowledged' },
    pages: ['0 step:0:0', '5 step:0:1'],
    notes: ['acknowledged'],
  },
  {
    says: 'the same person again changes nothing, another one helps',
    ...{ tier: 'P0', until: 5, state: 'acknowledged', pages: ['0 step:0:0'] },
    story: [
      [1, 'ack lin'],
      [2, 'ack lin'],
      [3, 'ack mei'],
    ],
    notes: ['acknowledged', 'helps'],
  },
  {
    says: 'who took it is asked in time, and without an answer it is open again from the first step',
    ...{ tier: 'P0', story: [[1, 'ack lin']], until: 32, state: 'triggered' },
    pages: ['0 step:0:0', '26 ask', '31 step:1:0'],
    notes: ['ack-lapsed'],
  },
  {
    says: 'still on it: the acknowledgement goes on',
    ...{ tier: 'P0', until: 50, state: 'acknowledged', pages: ['0 step:0:0', '26 ask'] },
    story: [
      [1, 'ack lin'],
      [27, 'still lin'],
    ],
  },
  {
    says: 'given back, it begins again',
    ...{ tier: 'P0', until: 12, state: 'triggered', pages: ['0 step:0:0', '5 step:0:1', '10 step:1:0'] },
    story: [
      [6, 'ack lin'],
      [10, 'unack lin'],
    ],
    notes: ['unacknowledged'],
  },
  {
    says: 'worse than when it was taken: who is first is called again, and who took it keeps it',
    ...{ tier: 'P1', until: 5, state: 'acknowledged', pages: ['0 step:0:0', '3 worse:1'] },
    story: [
      [1, 'ack lin'],
      [3, 'alerts P0 1'],
    ],
    notes: ['worse'],
  },
  {
    says: 'much wider than when it was taken too',
    ...{ tier: 'P1', until: 5, state: 'acknowledged', pages: ['0 step:0:0', '3 worse:1'] },
    story: [
      [1, 'ack lin'],
      [3, 'alerts P1 6'],
    ],
  },
  {
    says: 'a little wider does not',
    ...{ tier: 'P1', until: 5, state: 'acknowledged', pages: ['0 step:0:0'] },
    story: [
      [1, 'ack lin'],
      [3, 'alerts P1 4'],
    ],
  },
  {
    says: 'it never gets better by itself than it was',
    ...{ tier: 'P0', until: 6, state: 'triggered', pages: ['0 step:0:0', '5 step:0:1'] },
    story: [[1, 'alerts P2 1']],
  },
  {
    says: 'taken after it is over, it stays over',
    ...{ tier: 'P0', until: 40, state: 'resolved', pages: ['0 step:0:0'] },
    story: [
      [2, 'over'],
      [3, 'ack lin'],
    ],
    notes: ['resolved'],
  },
  {
    says: 'silenced it calls nobody; after that from the first step',
    ...{ tier: 'P0', until: 21, state: 'triggered', pages: ['0 step:0:0', '20 step:1:0'] },
    story: [
      [1, 'silence'],
      [20, 'unsilence'],
    ],
  },
  {
    says: 'put off it calls nobody until then',
    ...{ tier: 'P0', until: 62, state: 'triggered', pages: ['0 step:0:0', '61 step:1:0'] },
    story: [[1, 'snooze 61']],
    notes: ['snooze-ended'],
  },
  {
    says: 'escalated by hand the next step comes at once',
    ...{ tier: 'P1', until: 5, state: 'triggered', pages: ['0 step:0:0', '2 step:0:1'] },
    story: [[2, 'escalate lin']],
    notes: ['escalated'],
  },
  {
    says: 'for a step without anybody the next comes at once',
    ...{ tier: 'P0', until: 3, state: 'triggered', pages: ['0 step:0:0', '1 step:0:1'] },
    story: [[1, 'empty']],
    notes: ['step-empty'],
  },
  {
    says: 'closed by hand it is over',
    ...{ tier: 'P0', story: [[1, 'resolve lin']], until: 60, state: 'resolved', pages: ['0 step:0:0'] },
  },
  {
    says: 'after a standstill the step that is due is taken, not all that were missed',
    ...{ tier: 'P0', story: [[60, 'late']], until: 60, state: 'triggered', pages: ['60 step:0:0'] },
  },
]
