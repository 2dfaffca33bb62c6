import { systemClock } from '../../../src/lib/clock.ts'

/** Asks the ResourceManager itself all the time, past Sluice, which applications live. */
export interface LiveApplications {
  now(): Promise<readonly string[]>
  /** The most that ever lived at once. */
  readonly most: number
  stop(): Promise<void>
}

const LIVE = 'NEW,NEW_SAVING,SUBMITTED,ACCEPTED,RUNNING'
const EVERY_MS = 200

export function watchApplications(resourceManager: string): LiveApplications {
  let most = 0
  let on = true

  async function look(): Promise<readonly string[]> {
    const answer = await fetch(`${resourceManager}/ws/v1/cluster/apps?states=${LIVE}`)
    const { apps } = (await answer.json()) as { apps: { app?: { id: string }[] } | null }
    const seen = (apps?.app ?? []).map(({ id }) => id)
    most = Math.max(most, seen.length)
    return seen
  }

  const watching = (async () => {
    while (on) {
      await look().catch(() => [])
      await systemClock.sleep(EVERY_MS)
    }
  })()

  return {
    now: look,
    get most() {
      return most
    },
    async stop() {
      on = false
      await watching
    },
  }
}
