/** A new job, or a new release of one: the same fields, the latter filled with what the newest has. */
import { useRef, useState } from 'preact/hooks'
import { get, Problem, post, sentence, upload } from '../api.ts'
import { Labelled, Loadable, Trouble } from '../parts/basics.tsx'
import { Icon } from '../parts/icon.tsx'
import { Link } from '../parts/link.tsx'
import { PageHead } from '../parts/listing.tsx'
import { useLoad } from '../parts/use-load.ts'
import { bytes } from '../rules/amounts.ts'
import { parseArgs, parseSettings, settingsText } from '../rules/draft.ts'
import { jobPath, query } from '../rules/routes.ts'
import { go } from '../state/address.ts'
import { newKey } from '../state/chat.ts'
import { clusters, teams } from '../state/places.ts'
import { texts } from '../state/reader.ts'
import { visit } from '../state/session.ts'
import type { ArtifactView, Job, JobPage, Release } from '../wire.ts'

type Kind = 'jar' | 'sql'

export function NewJobPage() {
  const t = texts.value.form
  return (
    <div class="page narrow">
      <Link href="/jobs" class="back">
        <Icon name="back" />
        {texts.value.jobs.title}
      </Link>
      <PageHead title={t.newJob} />
      <DraftForm former={null} job={null} />
    </div>
  )
}

export function NewReleasePage({ job }: { job: string }) {
  const t = texts.value.form
  const page = useLoad(job, async (signal) => {
    const path = `/jobs/${encodeURIComponent(job)}`
    const { job: known } = await get<JobPage>(path, { signal })
    // The list hides parts of SQL; the release itself shows it whole to who may make another of it.
    const former =
      known.releases > 0 ? await get<Release>(`${path}/releases/${known.releases}`, { signal }) : null
    return { job: known, former }
  })
  return (
    <div class="page narrow">
      <Link href={jobPath(job, 'releases')} class="back">
        <Icon name="back" />
        {job}
      </Link>
      <PageHead title={t.newRelease(job)} />
      <Loadable of={page}>{(known) => <DraftForm former={known.former} job={known.job} />}</Loadable>
    </div>
  )
}

/** Something in the form that is wrong before it is sent. */
class Unready extends Error {
  readonly field: string
  constructor(field: string, message: string) {
    super(message)
    this.field = field
  }
}

function DraftForm({ former, job }: { former: Release | null; job: Job | null }) {
  const t = texts.value.form
  const [kind, setKind] = useState<Kind>(job?.kind ?? 'jar')
  const [artifact, setArtifact] = useState<ArtifactView | null>(null)
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<unknown>(null)
  const key = useRef(newKey())
  const wrong = (...paths: readonly string[]) => wrongAt(trouble, paths)

  const submit = (event: Event) => {
    event.preventDefault()
    if (busy || !(event.currentTarget instanceof HTMLFormElement)) return
    const values = new FormData(event.currentTarget)
    setTrouble(null)
    setBusy(true)
    create({ values, kind, artifact, former, job, key: key.current })
      .then((path) => go(path))
      .catch((error: unknown) => {
        // An answered request is over; another try is another request.
        if (!(error instanceof Problem) || error.status > 0) key.current = newKey()
        setTrouble(error)
      })
      .finally(() => setBusy(false))
  }
  return (
    <form class="stack" onSubmit={submit}>
      {job === null && <WhereFields wrong={wrong} />}
      {job === null && <KindField kind={kind} onKind={setKind} />}
      {kind === 'jar' ? (
        <JarFields former={former} onArtifact={setArtifact} artifact={artifact} wrong={wrong} />
      ) : (
        <SqlField former={former} wrong={wrong} />
      )}
      <RunFields former={former} wrong={wrong} />
      {trouble !== null && <Trouble because={sentence(trouble)} />}
      {job !== null && <p class="faint small">{t.notStarted}</p>}
      <div class="buttons">
        <button type="submit" class="button primary" aria-busy={busy}>
          {busy && <span class="spinner" aria-hidden="true" />}
          {busy ? t.working : job === null ? t.createJob : t.createRelease}
        </button>
        <Link class="button plain" href={job === null ? '/jobs' : jobPath(job.name, 'releases')}>
          {texts.value.common.cancel}
        </Link>
      </div>
    </form>
  )
}

type Wrong = (...paths: readonly string[]) => string | undefined

function wrongAt(trouble: unknown, paths: readonly string[]): string | undefined {
  if (trouble instanceof Unready && paths.includes(trouble.field)) return trouble.message
  if (!(trouble instanceof Problem)) return undefined
  const path = [...trouble.fields.keys()].find((one) => paths.includes(one.replace(/^release\./, '')))
  return path === undefined ? undefined : trouble.fields.get(path)
}

interface Draft {
  values: FormData
  kind: Kind
  artifact: ArtifactView | null
  former: Release | null
  job: Job | null
  key: string
}

/** Sends it and answers where to go. */
async function create(draft: Draft): Promise<string> {
  const release = releaseOf(draft)
  if (draft.job) {
    const path = `/jobs/${encodeURIComponent(draft.job.name)}/releases`
    await post(path, release, { key: draft.key })
    return jobPath(draft.job.name, 'releases')
  }
  const name = text(draft.values, 'name')
  const body = {
    name,
    team: text(draft.values, 'team'),
    cluster: text(draft.values, 'cluster'),
    kind: draft.kind,
    release,
  }
  await post('/jobs', body, { key: draft.key })
  return jobPath(name)
}

const text = (values: FormData, name: string) => String(values.get(name) ?? '').trim()

/** A release leaves out what was not changed: the server takes that from the former one, hidden values included. */
function releaseOf(draft: Draft) {
  const { values, former } = draft
  const t = texts.value.form
  const settings = String(values.get('settings') ?? '')
  const parsed = parseSettings(settings)
  if (!parsed.ok) throw new Unready('settings', t.badSetting(parsed.line))
  const sameSettings = former !== null && settings === settingsText(former.flinkSettings)
  if (!sameSettings) unmasked('settings', settings)
  const parallelism = text(values, 'parallelism')
  const program = programOf(draft)
  return {
    ...(program === null ? {} : { program }),
    ...(sameSettings ? {} : { flinkSettings: parsed.value }),
    parallelism: parallelism === '' ? null : Number(parallelism),
    note: text(values, 'note'),
  }
}

function unmasked(field: string, value: string): void {
  if (value.includes(MASK)) throw new Unready(field, texts.value.form.masked(MASK))
}

/** How the server shows what it hides. */
const MASK = '***'

function programOf({ values, kind, artifact, former }: Draft) {
  const program = former?.program ?? null
  if (kind === 'sql') {
    const script = String(values.get('sql') ?? '')
    return program?.is === 'sql' && program.script === script ? null : { is: 'sql', script }
  }
  const jar = program?.is === 'jar' ? program : null
  const args = String(values.get('args') ?? '')
  const sameArgs = jar !== null && args === jar.args.join('\n')
  const sameClass = jar !== null && text(values, 'entryClass') === (jar.entryClass ?? '')
  if (jar !== null && artifact === null && sameArgs && sameClass) return null
  const digest = artifact?.digest ?? jar?.digest
  if (digest === undefined) throw new Unready('jar', texts.value.form.needJar)
  if (!sameArgs) unmasked('program.args', args)
  return {
    is: 'jar',
    digest,
    ...(sameClass ? {} : { entryClass: text(values, 'entryClass') || null }),
    ...(sameArgs ? {} : { args: parseArgs(args) }),
  }
}

function WhereFields({ wrong }: { wrong: Wrong }) {
  const t = texts.value.form
  const session = visit.value.is === 'member' ? visit.value.session : null
  const mine = session?.member.teams.map((one) => one.team) ?? []
  const open = session?.member.isAdmin ? teams.value : teams.value.filter((one) => mine.includes(one.name))
  return (
    <>
      <Labelled id="name" label={t.name} hint={t.nameHint} wrong={wrong('name')}>
        <input
          id="name"
          name="name"
          required
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-describedby={wrong('name') ? 'name-wrong' : 'name-hint'}
        />
      </Labelled>
      <div class="two">
        <Labelled
          id="team"
          label={t.team}
          wrong={wrong('team') ?? (teams.value.length > 0 && open.length === 0 ? t.noTeam : null)}
        >
          <select id="team" name="team" required>
            {open.map((one) => (
              <option key={one.name} value={one.name}>
                {one.title || one.name}
              </option>
            ))}
          </select>
        </Labelled>
        <Labelled id="cluster" label={t.cluster} wrong={wrong('cluster')}>
          <select id="cluster" name="cluster" required>
            {clusters.value.map((one) => (
              <option key={one.name} value={one.name}>
                {one.name} · {one.environment}
              </option>
            ))}
          </select>
        </Labelled>
      </div>
    </>
  )
}

function KindField({ kind, onKind }: { kind: Kind; onKind: (kind: Kind) => void }) {
  const t = texts.value
  return (
    <fieldset class="choice">
      <legend>{t.form.kind}</legend>
      <div class="segments short">
        {(['jar', 'sql'] as const).map((one) => (
          <button key={one} type="button" aria-pressed={one === kind} onClick={() => onKind(one)}>
            {t.job.kinds[one]}
          </button>
        ))}
      </div>
    </fieldset>
  )
}

function JarFields(props: {
  former: Release | null
  artifact: ArtifactView | null
  onArtifact: (artifact: ArtifactView | null) => void
  wrong: Wrong
}) {
  const t = texts.value.form
  const former = props.former?.program.is === 'jar' ? props.former.program : null
  return (
    <>
      <JarField
        former={former?.fileName ?? null}
        artifact={props.artifact}
        onArtifact={props.onArtifact}
        wrong={props.wrong('jar', 'program', 'program.digest')}
      />
      <Labelled
        id="entryClass"
        label={t.entryClass}
        hint={t.entryClassHint}
        wrong={props.wrong('program.entryClass')}
        optional
      >
        <input
          id="entryClass"
          name="entryClass"
          autocomplete="off"
          spellcheck={false}
          defaultValue={former?.entryClass ?? ''}
          placeholder={props.artifact?.entryClass ?? ''}
        />
      </Labelled>
      <Labelled id="args" label={t.args} hint={t.argsHint} wrong={props.wrong('program.args')} optional>
        <textarea
          id="args"
          name="args"
          class="mono"
          rows={3}
          spellcheck={false}
          defaultValue={former?.args.join('\n') ?? ''}
        />
      </Labelled>
    </>
  )
}

type Sending = { is: 'idle' } | { is: 'sending'; done: number } | { is: 'refused'; because: string }
const LARGEST = 300 * 1000 * 1000

function JarField(props: {
  former: string | null
  artifact: ArtifactView | null
  onArtifact: (artifact: ArtifactView | null) => void
  wrong: string | undefined
}) {
  const t = texts.value.form
  const [sending, setSending] = useState<Sending>({ is: 'idle' })
  const [over, setOver] = useState(false)
  const abort = useRef<AbortController | null>(null)

  const send = (file: File | undefined) => {
    if (!file) return
    abort.current?.abort()
    if (file.size > LARGEST) return setSending({ is: 'refused', because: t.tooLarge })
    const mine = new AbortController()
    abort.current = mine
    props.onArtifact(null)
    setSending({ is: 'sending', done: 0 })
    upload<ArtifactView>(`/artifacts${query({ name: file.name })}`, file, {
      progress: (done) => !mine.signal.aborted && setSending({ is: 'sending', done }),
      signal: mine.signal,
    }).then(
      (artifact) => {
        setSending({ is: 'idle' })
        props.onArtifact(artifact)
      },
      (error: unknown) => setSending({ is: 'refused', because: sentence(error) }),
    )
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    send(event.dataTransfer?.files[0])
  }
  const wrong = sending.is === 'refused' ? sending.because : props.wrong
  return (
    <Labelled id="jar" label={t.jar} wrong={wrong}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a short cut; the file field does the same */}
      <div
        class={`drop ${over ? 'over' : ''}`}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <input
          id="jar"
          class="sr-only"
          type="file"
          accept=".jar,application/java-archive"
          onChange={(event) => send(event.currentTarget.files?.[0])}
        />
        <label for="jar" class="button plain">
          <Icon name="upload" />
          {t.choose}
        </label>
        <span class="faint small">{props.former && !props.artifact ? t.jarKeep(props.former) : t.drop}</span>
      </div>
      <JarState sending={sending} artifact={props.artifact} />
    </Labelled>
  )
}

function JarState({ sending, artifact }: { sending: Sending; artifact: ArtifactView | null }) {
  const t = texts.value.form
  if (sending.is === 'sending') {
    const label = sending.done < 1 ? t.uploading(Math.round(sending.done * 100)) : t.checking
    return (
      <div class="progress" role="status">
        <span>{label}</span>
        <progress max={100} value={Math.round(sending.done * 100)} aria-label={label} />
      </div>
    )
  }
  if (!artifact) return null
  return (
    <p role="status">
      <Icon name="good" class="good-mark" /> {t.uploaded(artifact.fileName, bytes(artifact.size))}
    </p>
  )
}

function SqlField({ former, wrong }: { former: Release | null; wrong: Wrong }) {
  const t = texts.value.form
  const script = former?.program.is === 'sql' ? former.program.script : ''
  return (
    <Labelled id="sql" label={t.sql} hint={t.sqlHint} wrong={wrong('program', 'program.script', 'sql')}>
      <textarea
        id="sql"
        name="sql"
        class="mono"
        rows={14}
        required
        spellcheck={false}
        defaultValue={script}
      />
    </Labelled>
  )
}

function RunFields({ former, wrong }: { former: Release | null; wrong: Wrong }) {
  const t = texts.value.form
  return (
    <>
      <Labelled
        id="parallelism"
        label={t.parallelism}
        hint={t.parallelismHint}
        wrong={wrong('parallelism')}
        optional
      >
        <input
          id="parallelism"
          name="parallelism"
          type="number"
          inputMode="numeric"
          min={1}
          max={32768}
          defaultValue={String(former?.parallelism ?? '')}
        />
      </Labelled>
      <Labelled
        id="settings"
        label={t.settings}
        hint={t.settingsHint}
        wrong={wrong('settings', 'flinkSettings')}
        optional
      >
        <textarea
          id="settings"
          name="settings"
          class="mono"
          rows={3}
          spellcheck={false}
          defaultValue={settingsText(former?.flinkSettings ?? {})}
        />
      </Labelled>
      <Labelled id="note" label={t.note} hint={t.noteHint} wrong={wrong('note')} optional>
        <input id="note" name="note" autocomplete="off" />
      </Labelled>
    </>
  )
}
