import { CopyButton } from '../../parts/basics.tsx'
import { AddressLink } from '../../parts/link.tsx'
import { guideParts } from '../../rules/guide-text.ts'
import { pieces } from '../../rules/inline.ts'
import { texts } from '../../state/reader.ts'
import type { WholeSetup } from '../../wire.ts'

/** The vendor's console in words, its permissions, and what it cannot do. Open until it is set up. */
export function Guide({ setup }: { setup: WholeSetup }) {
  const t = texts.value.setup
  return (
    <section class="panel">
      <details open={setup.from === null}>
        <summary>
          <h2 class="inline-head">{t.guide}</h2>
        </summary>
        <ol class="guide">
          {setup.steps.map((step) => (
            <li key={step.title}>
              <h3>{step.title}</h3>
              <GuideText text={step.text} />
            </li>
          ))}
        </ol>
      </details>
      {setup.scopes.length > 0 && (
        <details>
          <summary>{t.scopes}</summary>
          <div class="details-body">
            <dl class="scopes">
              {setup.scopes.map(({ name, why }) => (
                <div key={name}>
                  <dt>
                    <code>{name}</code>
                  </dt>
                  <dd class="small">{why}</dd>
                </div>
              ))}
            </dl>
          </div>
        </details>
      )}
      <details>
        <summary>{t.troubles}</summary>
        <dl class="scopes details-body">
          {setup.troubles.map(({ seen, cure }) => (
            <div key={seen}>
              <dt>
                <Words text={seen} />
              </dt>
              <dd class="small">
                <Words text={cure} />
              </dd>
            </div>
          ))}
        </dl>
      </details>
      <details>
        <summary>{t.limits}</summary>
        <ul class="details-body limits">
          {setup.limits.map((limit) => (
            <li key={limit}>
              <Words text={limit} />
            </li>
          ))}
        </ul>
      </details>
    </section>
  )
}

function GuideText({ text }: { text: string }) {
  return (
    <>
      {guideParts(text).map((part, index) =>
        part.is === 'words' ? (
          <p key={index}>
            <Words text={part.text} />
          </p>
        ) : (
          <Copied key={index} text={part.text} />
        ),
      )}
    </>
  )
}

/** Something that is entered elsewhere as a whole. */
export function Copied({ text }: { text: string }) {
  return (
    <div class="copied">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <pre tabIndex={0}>{text}</pre>
      <CopyButton text={text} />
    </div>
  )
}

function Words({ text }: { text: string }) {
  return (
    <>
      {pieces(text).map((piece, index) => {
        const key = `${index}${piece.text}`
        if (piece.is === 'strong') return <strong key={key}>{piece.text}</strong>
        if (piece.is === 'code') return <code key={key}>{piece.text}</code>
        if (piece.is === 'link') return <AddressLink key={key} address={piece.text} />
        return <span key={key}>{piece.text}</span>
      })}
    </>
  )
}
