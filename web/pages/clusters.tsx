import { useState } from 'preact/hooks'
import { del, get, post } from '../api.ts'
import { Chip, Empty, Facts, Labelled, Loadable } from '../parts/basics.tsx'
import { Icon } from '../parts/icon.tsx'
import { Link } from '../parts/link.tsx'
import { PageHead, Rows } from '../parts/listing.tsx'
import { type Closing, SendingDialog } from '../parts/sending-dialog.tsx'
import { ageText, agoText } from '../parts/time.tsx'
import { useAgain } from '../parts/use-again.ts'
import { useLoad } from '../parts/use-load.ts'
import { query } from '../rules/routes.ts'
import { environments, loadPlaces } from '../state/places.ts'
import { language, texts } from '../state/reader.ts'
import type { ClusterView, FlinkVersionView } from '../wire.ts'

const AGAIN_MS = 15_000

type Asking = { is: 'add' } | { is: 'scale' | 'remove'; cluster: ClusterView }

export function ClustersPage() {
  const t = texts.value.clusters
  const [asking, setAsking] = useState<Asking | null>(null)
  const page = useLoad('clusters', (signal) => get<readonly ClusterView[]>('/clusters', { signal }))
  useAgain(page.reload, AGAIN_MS)
  const changed = () => {
    setAsking(null)
    page.reload()
    void loadPlaces()
  }
  return (
    <div class="page">
      <PageHead title={t.title}>
        <button type="button" class="button primary" onClick={() => setAsking({ is: 'add' })}>
          <Icon name="plus" />
          {t.add}
        </button>
      </PageHead>
      <Loadable of={page}>
        {(clusters) =>
          clusters.length === 0 ? (
            <Empty>{t.none}</Empty>
          ) : (
            <div class="panels">
              {clusters.map((cluster) => (
                <ClusterPanel key={cluster.id} cluster={cluster} onAsk={setAsking} />
              ))}
            </div>
          )
        }
      </Loadable>
      <FlinkVersions />
      {asking?.is === 'add' && <AddDialog onClose={() => setAsking(null)} onDone={changed} />}
      {asking?.is === 'scale' && (
        <ScaleDialog cluster={asking.cluster} onClose={() => setAsking(null)} onDone={changed} />
      )}
      {asking?.is === 'remove' && (
        <RemoveDialog cluster={asking.cluster} onClose={() => setAsking(null)} onDone={changed} />
      )}
    </div>
  )
}

function ClusterPanel({ cluster, onAsk }: { cluster: ClusterView; onAsk: (asking: Asking) => void }) {
  const t = texts.value.clusters
  const { room } = cluster
  const slots = room?.of === 'slots' ? room : null
  const memory = room?.of === 'memory' ? room : null
  return (
    <section class="panel" aria-labelledby={`cluster-${cluster.id}`}>
      <header class="release-head">
        <h2 id={`cluster-${cluster.id}`}>{cluster.name}</h2>
        <Reach cluster={cluster} />
        {cluster.sandbox && (
          <Chip tone="warning" icon="warning">
            {t.sandbox}
          </Chip>
        )}
      </header>
      {slots && slots.slotsTotal > 0 && <Slots room={slots} />}
      {memory && <Memory room={memory} />}
      <Facts
        facts={[
          [t.environment, cluster.environment],
          cluster.yarn && [t.queue, `${cluster.yarn.queue} · ${cluster.yarn.user}`],
          slots && [t.version, slots.flinkVersion],
          memory && [t.nodes, `${memory.nodes}`],
          slots && [t.taskManagers, `${slots.taskManagers}${cluster.managed ? ` · ${t.managed}` : ''}`],
          [
            t.jobs,
            <Link key="jobs" href={`/jobs${query({ cluster: cluster.name })}`}>
              {cluster.jobs}
            </Link>,
          ],
          [t.address, <code key="address">{cluster.address}</code>],
        ]}
      />
      {cluster.reach.is === 'silent' && (
        <p class="warning-line">
          <Icon name="warning" /> {cluster.reach.because}
        </p>
      )}
      <div class="buttons">
        {cluster.managed && (
          <button type="button" class="button small" onClick={() => onAsk({ is: 'scale', cluster })}>
            {t.scale}
          </button>
        )}
        <button type="button" class="button quiet small" onClick={() => onAsk({ is: 'remove', cluster })}>
          {t.remove}
        </button>
      </div>
    </section>
  )
}

function Reach({ cluster: { reach } }: { cluster: ClusterView }) {
  const t = texts.value.clusters
  if (reach.is === 'reachable') {
    return (
      <Chip tone="good" icon="good">
        {t.reachable(agoText(reach.at))}
      </Chip>
    )
  }
  return (
    <Chip tone="warning" icon={reach.is === 'silent' ? 'warning' : 'question'}>
      {reach.is === 'silent' ? t.silent(ageText(reach.since)) : t.notSeen}
    </Chip>
  )
}

type Room<Of extends string> = Extract<NonNullable<ClusterView['room']>, { of: Of }>

function Slots({ room }: { room: Room<'slots'> }) {
  const t = texts.value.clusters
  const label = `${t.slots}: ${t.slotsOf(room.slotsFree, room.slotsTotal)}`
  return (
    <div class="progress">
      <span>{label}</span>
      <progress max={room.slotsTotal} value={room.slotsTotal - room.slotsFree} aria-label={label} />
    </div>
  )
}

function Memory({ room }: { room: Room<'memory'> }) {
  const t = texts.value.clusters
  const gb = (mb: number) => Math.round(mb / 102.4) / 10
  const label = `${t.memory}: ${t.memoryOf(gb(room.freeMb), gb(room.totalMb), room.freeCores)}`
  return (
    <div class="progress">
      <span>{label}</span>
      <progress max={room.totalMb} value={room.totalMb - room.freeMb} aria-label={label} />
    </div>
  )
}

function FlinkVersions() {
  const t = texts.value.clusters
  const page = useLoad('flink', (signal) => get<readonly FlinkVersionView[]>('/flink-versions', { signal }))
  return (
    <section>
      <h2 class="section-head">{t.flinkTitle}</h2>
      <Loadable of={page}>
        {(versions) =>
          versions.length === 0 ? (
            <Empty>{t.flinkNone}</Empty>
          ) : (
            <Rows
              caption={t.flinkTitle}
              rows={versions}
              rowKey={(one) => one.name}
              columns={[
                {
                  key: 'name',
                  head: t.name,
                  cell: (one) => (
                    <>
                      <strong>{one.name}</strong>{' '}
                      {one.isDefault && (
                        <Chip tone="progress" icon="check">
                          {t.isDefault}
                        </Chip>
                      )}
                    </>
                  ),
                },
                { key: 'version', head: t.version, cell: (one) => one.version },
                { key: 'vendor', head: t.vendor, cell: (one) => one.vendor ?? '–' },
                { key: 'home', head: t.home, cell: (one) => <code>{one.home}</code> },
                {
                  key: 'java',
                  head: t.java,
                  cell: (one) => (one.javaHome ? <code>{one.javaHome}</code> : '–'),
                },
              ]}
            />
          )
        }
      </Loadable>
    </section>
  )
}

function AddDialog(props: Closing) {
  const t = texts.value.clusters
  const send = (values: FormData) =>
    post('/clusters', {
      name: String(values.get('name')).trim(),
      address: String(values.get('address')).trim(),
      environment: String(values.get('environment')),
    })
  return (
    <SendingDialog title={t.add} submit={t.add} send={send} {...props}>
      {(wrong) => (
        <>
          <Labelled id="name" label={t.name} wrong={wrong('name')} hint={texts.value.form.nameHint}>
            <input id="name" name="name" required autocomplete="off" autocapitalize="off" />
          </Labelled>
          <Labelled id="address" label={t.address} wrong={wrong('address')}>
            <input id="address" name="address" type="url" required placeholder="http://flink:8081" />
          </Labelled>
          <Labelled id="environment" label={t.environment} wrong={wrong('environment')}>
            <select id="environment" name="environment" required>
              {environments.value.map((one) => (
                <option key={one.name} value={one.name}>
                  {one.title[language.value] || one.name}
                </option>
              ))}
            </select>
          </Labelled>
        </>
      )}
    </SendingDialog>
  )
}

function ScaleDialog({ cluster, ...closing }: Closing & { cluster: ClusterView }) {
  const t = texts.value.clusters
  const send = (values: FormData) =>
    post(`/clusters/${encodeURIComponent(cluster.name)}/scale`, {
      taskManagers: Number(values.get('taskManagers')),
    })
  return (
    <SendingDialog title={`${t.scale} · ${cluster.name}`} submit={t.scale} send={send} {...closing}>
      {(wrong) => (
        <Labelled id="taskManagers" label={t.taskManagers} wrong={wrong('taskManagers')}>
          <input
            id="taskManagers"
            name="taskManagers"
            type="number"
            min={1}
            required
            defaultValue={String(cluster.room?.of === 'slots' ? cluster.room.taskManagers : 1)}
          />
        </Labelled>
      )}
    </SendingDialog>
  )
}

function RemoveDialog({ cluster, ...closing }: Closing & { cluster: ClusterView }) {
  const t = texts.value.clusters
  const send = () => del(`/clusters/${encodeURIComponent(cluster.name)}`)
  return (
    <SendingDialog title={t.remove} submit={t.remove} danger send={send} {...closing}>
      {() => <p>{t.removeHint(cluster.name)}</p>}
    </SendingDialog>
  )
}
