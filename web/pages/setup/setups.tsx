import { get } from '../../api.ts'
import { Loadable } from '../../parts/basics.tsx'
import { Link } from '../../parts/link.tsx'
import { PageHead } from '../../parts/listing.tsx'
import { Time } from '../../parts/time.tsx'
import { useAgain } from '../../parts/use-again.ts'
import { useLoad } from '../../parts/use-load.ts'
import { language, texts } from '../../state/reader.ts'
import type { SetupView } from '../../wire.ts'
import { ConnectionChip } from './connection.tsx'

const AGAIN_MS = 15_000

/** Every chat platform, and whether it is set up. */
export function SetupsPage() {
  const t = texts.value.setup
  const page = useLoad(`setups|${language.value}`, (signal) =>
    get<readonly SetupView[]>('/setups', { signal }),
  )
  useAgain(page.reload, AGAIN_MS)
  return (
    <div class="page">
      <PageHead title={t.title} />
      <p class="faint">{t.about}</p>
      <Loadable of={page}>
        {(setups) => (
          <div class="panels">
            {setups.map((setup) => (
              <VendorPanel key={setup.vendor} setup={setup} />
            ))}
          </div>
        )}
      </Loadable>
    </div>
  )
}

function VendorPanel({ setup }: { setup: SetupView }) {
  const t = texts.value.setup
  const { vendor, title, from, updatedBy, updatedAt } = setup
  return (
    <section class="panel" aria-labelledby={`vendor-${vendor}`}>
      <header class="release-head">
        <h2 id={`vendor-${vendor}`}>{title}</h2>
        <ConnectionChip setup={setup} />
      </header>
      <p class="small">{setup.summary}</p>
      {from && (
        <p class="faint small">
          {t.from[from]}
          {updatedBy && updatedAt && (
            <>
              {' · '}
              {updatedBy} <Time at={updatedAt} />
            </>
          )}
        </p>
      )}
      <div class="buttons">
        <Link class={`button ${from ? '' : 'primary'}`} href={`/setup/${vendor}`}>
          {from ? t.look(title) : t.open(title)}
        </Link>
      </div>
    </section>
  )
}
