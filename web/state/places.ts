/** What filters and forms let one choose from. Loaded once per visit; a list that does not come leaves a filter short. */
import { effect, signal } from '@preact/signals'
import { get } from '../api.ts'
import type { ClusterView, EnvironmentView, TeamView } from '../wire.ts'
import { visit } from './session.ts'

export const teams = signal<readonly TeamView[]>([])
export const clusters = signal<readonly ClusterView[]>([])
export const environments = signal<readonly EnvironmentView[]>([])

async function load<T>(path: string, into: { value: readonly T[] }): Promise<void> {
  into.value = await get<readonly T[]>(path).catch(() => [])
}

export async function loadPlaces(): Promise<void> {
  await Promise.all([load('/teams', teams), load('/clusters', clusters), load('/environments', environments)])
}

effect(() => {
  if (visit.value.is === 'member') void loadPlaces()
})
