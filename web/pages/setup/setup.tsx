import { useState } from 'preact/hooks'
import { del, get, post, sentence } from '../../api.ts'
import { Dialog, Loadable, Trouble } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Link } from '../../parts/link.tsx'
import { PageHead } from '../../parts/listing.tsx'
import { useAgain } from '../../parts/use-again.ts'
import { useLoad } from '../../parts/use-load.ts'
import { language, texts } from '../../state/reader.ts'
import type { ChatFinding, SetupView, WholeSetup } from '../../wire.ts'
import { Check, type Look } from './check.tsx'
import { ConnectionChip } from './connection.tsx'
import { Guide } from './guide.tsx'
import { type Entered, Settings } from './settings.tsx'
import { TestCard } from './test-card.tsx'

const AGAIN_MS = 5_000

/** One chat platform: its guide, what was entered for it, whether it works, and a card to try it. */
export function SetupPage({ vendor }: { vendor: string }) {
  const t = texts.value.setup
  const page = useLoad(`setup|${vendor}|${language.value}`, (signal) =>
    get<WholeSetup>(`/setups/${encodeURIComponent(vendor)}`, { signal }),
  )
  return (
    <div class="page narrow">
      <Link href="/setup" class="back">
        <Icon name="back" />
        {t.all}
      </Link>
      {page.value === null && <PageHead title={t.title} />}
      <Loadable of={page}>{(setup) => <Vendor setup={setup} reload={page.reload} />}</Loadable>
    </div>
  )
}

function Vendor({ setup, reload }: { setup: WholeSetup; reload: () => void }) {
  const t = texts.value.setup
  const { vendor, title, from, revision } = setup
  const [entered, setEntered] = useState<Entered | null>(null)
  const [look, setLook] = useState<Look>({ is: 'none' })
  const [removing, setRemoving] = useState(false)
  // What is being entered would be lost by fields that are drawn anew.
  useAgain(() => from !== null && entered === null && reload(), AGAIN_MS)

  const check = (fields: Entered | null) => {
    setLook({ is: 'looking' })
    post<{ findings: readonly ChatFinding[] }>(`/setups/${vendor}/check`, { fields })
      .then(({ findings }) => setLook({ is: 'found', findings }))
      .catch((because: unknown) => setLook({ is: 'failed', because }))
  }
  const changed = () => {
    setEntered(null)
    reload()
  }
  const saved = () => {
    changed()
    check(null)
  }
  const removed = () => {
    setRemoving(false)
    setLook({ is: 'none' })
    changed()
  }
  return (
    <>
      <PageHead title={title} beside={<ConnectionChip setup={setup} />}>
        {from === 'page' && (
          <button type="button" class="button danger" onClick={() => setRemoving(true)}>
            {t.remove}
          </button>
        )}
      </PageHead>
      <p>{setup.summary}</p>
      <Guide key={from} setup={setup} />
      <Settings
        key={`${revision} ${language.value}`}
        setup={setup}
        onEnter={setEntered}
        onSaved={saved}
        wrong={look.is === 'failed' ? look.because : null}
      />
      <Check
        look={look}
        isEntered={entered !== null}
        canLook={from !== null || entered !== null}
        onLook={() => check(entered)}
      />
      {from !== null && <TestCard setup={setup} onOver={() => check(null)} />}
      {removing && <RemoveDialog setup={setup} onClose={() => setRemoving(false)} onDone={removed} />}
    </>
  )
}

function RemoveDialog(props: { setup: SetupView; onClose: () => void; onDone: () => void }) {
  const t = texts.value.setup
  const { vendor, title } = props.setup
  const [trouble, setTrouble] = useState<unknown>(null)
  const remove = () => {
    setTrouble(null)
    del(`/setups/${vendor}`).then(props.onDone).catch(setTrouble)
  }
  return (
    <Dialog title={t.removeTitle(title)} onClose={props.onClose}>
      <p>{t.removeHint(title)}</p>
      {trouble !== null && <Trouble because={sentence(trouble)} />}
      <div class="buttons end">
        <button type="button" class="button plain" onClick={props.onClose}>
          {texts.value.common.cancel}
        </button>
        <button type="button" class="button danger" onClick={remove}>
          {t.remove}
        </button>
      </div>
    </Dialog>
  )
}
