import { sentence } from '../../api.ts'
import { Chip, Spinner, Trouble } from '../../parts/basics.tsx'
import type { IconName } from '../../parts/icon.tsx'
import { texts } from '../../state/reader.ts'
import type { ChatFinding, Tone } from '../../wire.ts'

export type Look =
  | { is: 'none' }
  | { is: 'looking' }
  | { is: 'found'; findings: readonly ChatFinding[] }
  | { is: 'failed'; because: unknown }

const LOOK: Record<ChatFinding['is'], { tone: Tone; icon: IconName }> = {
  ok: { tone: 'good', icon: 'good' },
  warn: { tone: 'warning', icon: 'warning' },
  fail: { tone: 'bad', icon: 'bad' },
}

/** What is right and wrong with it, looked at now. */
export function Check(props: {
  look: Look
  /** What was entered is not saved yet: that is what is looked at. */
  isEntered: boolean
  canLook: boolean
  onLook: () => void
}) {
  const t = texts.value.setup
  const { look, isEntered, canLook } = props
  return (
    <section class="panel" aria-labelledby="check">
      <h2 id="check">{t.checkTitle}</h2>
      <p class="faint small">{!canLook ? t.checkNeeds : isEntered ? t.checkEntered : t.checkAbout}</p>
      <div class="buttons">
        <button
          type="button"
          class="button"
          disabled={!canLook}
          aria-busy={look.is === 'looking'}
          onClick={props.onLook}
        >
          {t.check}
        </button>
      </div>
      <div aria-live="polite">
        {look.is === 'looking' && <Spinner label={t.checking} />}
        {look.is === 'found' && <Findings findings={look.findings} />}
      </div>
      {look.is === 'failed' && <Trouble because={sentence(look.because)} />}
    </section>
  )
}

function Findings({ findings }: { findings: readonly ChatFinding[] }) {
  const t = texts.value.setup
  const count = (is: ChatFinding['is']) => findings.filter((one) => one.is === is).length
  return (
    <>
      <ul class="findings" aria-label={t.findings}>
        {findings.map((one) => (
          <li key={one.of + one.says}>
            <Chip {...LOOK[one.is]}>{t.is[one.is]}</Chip>
            <div>
              <p>{one.says}</p>
              {one.cure && <p class="faint small">→ {one.cure}</p>}
            </div>
          </li>
        ))}
      </ul>
      <p class="small">{t.counts(count('fail'), count('warn'))}</p>
    </>
  )
}
