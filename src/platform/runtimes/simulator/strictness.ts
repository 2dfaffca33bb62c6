import { flinkMinor } from '../job-manager/requests.ts'

/** The keys each version knows; up to 1.19 any other is refused, from 1.20 on it is ignored without a word. */

export type BodyName =
  | 'JarRunRequestBody'
  | 'JarPlanRequestBody'
  | 'SavepointTriggerRequestBody'
  | 'StopWithSavepointRequestBody'
  | 'CheckpointTriggerRequestBody'

export type CheckedBody = { is: 'good'; body: Record<string, unknown> } | { is: 'bad'; error: string }

export function checkBody(name: BodyName, text: string, version: string): CheckedBody {
  const body = text.trim() === '' ? {} : parse(text)
  if (body === null) return { is: 'bad', error: `Request did not match expected format ${name}.` }
  const known = knownKeys(name, version)
  const stranger = Object.keys(body).find((key) => !known.has(key))
  if (stranger === undefined) return { is: 'good', body }
  if (isLenient(version)) return { is: 'good', body: pick(body, known) }
  return {
    is: 'bad',
    error: `org.apache.flink.runtime.rest.handler.RestHandlerException: Request did not match expected format ${name}.\n\tat org.apache.flink.runtime.rest.handler.AbstractHandler.respondAsLeader(AbstractHandler.java:162)\nCaused by: org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException: Unrecognized field "${stranger}" (class org.apache.flink.runtime.webmonitor.handlers.${name}), not marked as ignorable`,
  }
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : null
  } catch {
    return null
  }
}

function pick(body: Record<string, unknown>, known: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([key]) => known.has(key)))
}

function isLenient(version: string): boolean {
  return since(version, 20)
}

function since(version: string, minor: number): boolean {
  const found = flinkMinor(version)
  return found !== null && (found.major > 1 || found.minor >= minor)
}

const PROGRAM = ['entryClass', 'programArgs', 'programArgsList', 'parallelism', 'jobId']

function knownKeys(name: BodyName, version: string): ReadonlySet<string> {
  const settings = since(version, 17) ? ['flinkConfiguration'] : []
  const trigger = since(version, 15) ? ['formatType', 'triggerId'] : []
  switch (name) {
    case 'JarPlanRequestBody':
      return new Set([...PROGRAM, ...settings])
    case 'JarRunRequestBody':
      return new Set([
        ...PROGRAM,
        ...settings,
        'allowNonRestoredState',
        'savepointPath',
        ...claimKeys(version),
      ])
    case 'SavepointTriggerRequestBody':
      return new Set(['target-directory', 'cancel-job', ...trigger])
    case 'StopWithSavepointRequestBody':
      return new Set(['targetDirectory', 'drain', ...trigger])
    case 'CheckpointTriggerRequestBody':
      return new Set(['checkpointType', 'triggerId'])
  }
}

function claimKeys(version: string): string[] {
  if (since(version, 20)) return ['restoreMode', 'claimMode']
  return since(version, 15) ? ['restoreMode'] : []
}
