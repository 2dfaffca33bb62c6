import { Chip } from '../../parts/basics.tsx'
import type { IconName } from '../../parts/icon.tsx'
import { texts } from '../../state/reader.ts'
import type { Connection, SetupView, Tone } from '../../wire.ts'

const LOOK: Record<Connection, { tone: Tone; icon: IconName }> = {
  connected: { tone: 'good', icon: 'good' },
  'waiting-for-calls': { tone: 'good', icon: 'good' },
  connecting: { tone: 'warning', icon: 'progress' },
  'outgoing-only': { tone: 'good', icon: 'good' },
  stopped: { tone: 'neutral', icon: 'dash' },
}

export function ConnectionChip({ setup: { from, connection } }: { setup: SetupView }) {
  const t = texts.value.setup
  if (from === null) {
    return (
      <Chip tone="neutral" icon="circle">
        {t.notSetUp}
      </Chip>
    )
  }
  if (connection === null) {
    return (
      <Chip tone="warning" icon="warning">
        {t.state.closed}
      </Chip>
    )
  }
  return <Chip {...LOOK[connection.is]}>{t.state[connection.is]}</Chip>
}
