import type { Clock } from '../lib/clock.ts'
import type { Job, Platform } from '../platform/platform.ts'
import { type Answer, type Answers, isMember } from './answers.ts'
import { card, says, text, to } from './cards/build.ts'
import type { Card, Meaning } from './cards/card.ts'
import { strangerCard } from './cards/problem-cards.ts'
import { arrivedReply } from './cards/test-card.ts'
import type { MemberTurn, Replies } from './commands/command.ts'
import type { Conversation, KeptCard, Tap } from './conversation.ts'
import { parse } from './grammar/parse.ts'
import type { Pressed } from './inbound.ts'
import { type PressSigner, pressId } from './press.ts'
import type { Outcome, Session } from './session.ts'

/** A press, read: what it means and on which card. */
export type ReadTap =
  | { is: 'unreadable' }
  | { is: 'card-gone' }
  | { is: 'signed'; kept: KeptCard; meaning: Meaning }

export interface TapAnswer {
  kind: Meaning['is'] | '-'
  outcome: Outcome
  replies: Replies
}

export interface Taps {
  read(press: string): Promise<ReadTap>
  answer(session: Session, tap: ReadTap, how: TapContext): Promise<TapAnswer>
}

export interface TapContext {
  pressed: Pressed
  /** Shows words as said by who tapped; false: this tap was delivered before. */
  hearAs(text: string): Promise<boolean>
}

export interface TapsDependencies {
  platform: Platform
  conversation: Conversation
  signer: PressSigner
  clock: Clock
  answers: Answers
}

/** One tap counts once; a stale one changes nothing; both are told what is true now. */
export function createTaps({ platform, conversation, signer, clock, answers }: TapsDependencies): Taps {
  async function read(press: string): Promise<ReadTap> {
    const signed = signer.read(press)
    if (!signed) return { is: 'unreadable' }
    const kept = await conversation.card(signed.cardId)
    return kept ? { is: 'signed', kept, meaning: signed.meaning } : { is: 'card-gone' }
  }

  async function answer({ turn }: Session, tap: ReadTap, how: TapContext): Promise<TapAnswer> {
    const { t } = turn.voice
    if (tap.is === 'unreadable') {
      return refusal('-', card('warning', t.tap.unreadable, { body: [text(t.tap.unreadableText)] }))
    }
    if (tap.is === 'card-gone') return refusal('-', card('warning', t.tap.cardGone))
    const { kept, meaning } = tap
    if (!isMember(turn)) return refusal(meaning.is, strangerCard(turn.voice))
    if (kept.onlyFor !== null && kept.onlyFor !== turn.by.member.id) {
      return refusal(meaning.is, card('warning', t.tap.notYours))
    }
    // Looking is free: those buttons work as often as they are tapped, and are never stale.
    if (!isOnce(meaning)) return act(turn, meaning, how)
    return once(turn, { kept, meaning }, how)
  }

  async function once(
    turn: MemberTurn,
    { kept, meaning }: { kept: KeptCard; meaning: Meaning },
    how: TapContext,
  ): Promise<TapAnswer> {
    const { member } = turn.by
    const id = pressId(how.pressed.press, how.pressed.values)
    const taken = await conversation.tap({
      id,
      memberId: member.id,
      member: member.displayName,
      cardId: kept.id,
      at: clock.now(),
    })
    const hasBegun = await hasBegunBefore(turn, meaning, how.pressed)
    if (taken.is === 'was-taken' && !hasBegun && !isHalfDone(taken.by, turn, how.pressed)) {
      return refusal(meaning.is, await tappedBefore(turn, meaning, taken.by))
    }
    try {
      const stale = hasBegun ? null : await staleCard(turn, kept, meaning)
      const acted = stale ? refusal(meaning.is, stale) : await act(turn, meaning, how)
      await settle(id, acted)
      return acted
    } catch (error) {
      await conversation.releaseTap(id)
      throw error
    }
  }

  /** This very tap began an operation before its process died: that one is shown, whatever the job is by now. */
  async function hasBegunBefore(
    turn: MemberTurn,
    meaning: Meaning,
    { tries = 1 }: Pressed,
  ): Promise<boolean> {
    const job = tries > 1 && meaning.is === 'says' ? await jobOf(turn, meaning.text) : null
    if (!job) return false
    const { items } = await platform.operations.list(turn.by, { job: job.name, limit: 50 })
    return items.some(({ requestId }) => requestId === turn.requestId)
  }

  /** A tap that came to nothing (refused, denied, a value missing) leaves the button to the next one. */
  async function settle(id: string, { replies }: TapAnswer): Promise<void> {
    const did = [replies].flat().find((reply) => reply.did)
    if (did) await conversation.answerTap(id, did.follows?.subject ?? null)
    else await conversation.releaseTap(id)
  }

  async function act(
    turn: MemberTurn,
    meaning: Meaning,
    { pressed, hearAs }: TapContext,
  ): Promise<TapAnswer> {
    switch (meaning.is) {
      case 'says':
        if (!(await hearAs(meaning.text))) return { kind: 'says', outcome: 'answered', replies: [] }
        return acted(meaning, await answers.say(turn, meaning.text, { direct: true }))
      case 'submits':
        return acted(
          meaning,
          await answers.run(turn, meaning.command, { ...meaning.given, ...pressed.values }),
        )
      case 'approves':
        return acted(meaning, await answers.run(turn, 'approve', { operation: meaning.operationId }))
      case 'rejects':
        return acted(meaning, await answers.run(turn, 'reject', { operation: meaning.operationId }))
      case 'cancels':
        return acted(meaning, await answers.run(turn, 'op cancel', { operation: meaning.operationId }))
      case 'acknowledges': {
        const values = { incident: meaning.incidentId, generation: String(meaning.generation) }
        return acted(meaning, await answers.run(turn, 'incident ack', values))
      }
      case 'arrives':
        return { kind: 'arrives', outcome: 'answered', replies: arrivedReply(meaning.test, turn.voice) }
    }
  }

  /** What the card showed is past: nothing is done, and what is true now is said. */
  async function staleCard(turn: MemberTurn, kept: KeptCard, meaning: Meaning): Promise<Card | null> {
    const { t, f } = turn.voice
    if (meaning.is === 'says' && meaning.job) {
      const job = await jobOf(turn, meaning.text)
      if (!job) return card('warning', t.tap.goneJob, { buttons: [says(t.button.jobs, '/job list')] })
      if (job.id === meaning.job.id && job.generation === meaning.job.generation) return null
      return card('warning', t.tap.stale(f.when(kept.updatedAt), job.name), {
        body: [text(t.tap.staleText(t.state[job.state.is]))],
        buttons: [says(t.button.show, to('job show', job.name))],
      })
    }
    if (meaning.is === 'approves' || meaning.is === 'rejects') {
      const operation = await platform.operations.byId(meaning.operationId)
      if (operation?.state !== 'waiting-approval' || operation.version === meaning.version) return null
      return card('warning', t.operation.planChanged, {
        buttons: [says(t.button.show, to('op show', meaning.operationId))],
      })
    }
    return null
  }

  async function jobOf(turn: MemberTurn, words: string): Promise<Job | null> {
    const parsed = parse(words, turn.commands)
    const name = parsed.is === 'command' ? parsed.values.job : undefined
    const found = name === undefined ? null : await platform.jobs.find(name)
    return found?.ok ? found.value : null
  }

  async function tappedBefore({ voice, by }: MemberTurn, meaning: Meaning, tap: Tap): Promise<Card> {
    const { t, f } = voice
    const when = f.when(tap.at)
    const operationId = operationIdOf(meaning, tap)
    const operation = operationId === null ? null : await platform.operations.byId(operationId)
    const show = operation ? [says(t.button.show, to('op show', operation.id))] : []
    const title = () => {
      if (meaning.is === 'approves' && operation) {
        return t.tap.approvedBefore(tap.member, when, t.operation.isNow[operation.state])
      }
      if (meaning.is === 'rejects') return t.tap.rejectedBefore(tap.member, when)
      return tap.memberId === by.member.id
        ? t.tap.youTappedBefore(when)
        : t.tap.tappedBefore(tap.member, when)
    }
    return card('neutral', title(), { body: [text(t.tap.onceIsEnough)], buttons: show })
  }

  return { read, answer }
}

/** This very tap, begun by a process that is gone before anything came of it. */
function isHalfDone(tap: Tap, { by }: MemberTurn, { tries = 1 }: Pressed): boolean {
  return tries > 1 && tap.answer === null && tap.memberId === by.member.id
}

function isOnce(meaning: Meaning): boolean {
  return meaning.is !== 'says' || meaning.job !== null
}

function operationIdOf(meaning: Meaning, tap: Tap): string | null {
  if (meaning.is === 'approves' || meaning.is === 'rejects' || meaning.is === 'cancels')
    return meaning.operationId
  return tap.answer?.startsWith('operation:') ? tap.answer.slice('operation:'.length) : null
}

function acted(meaning: Meaning, { outcome, replies }: Answer): TapAnswer {
  return { kind: meaning.is, outcome, replies }
}

function refusal(kind: TapAnswer['kind'], drawn: Card): TapAnswer {
  return { kind, outcome: 'answered', replies: { card: drawn, aside: true } }
}
