import type { Clock } from '../../../lib/clock.ts'
import { type Answer, json, refusal } from './answer.ts'
import { planBody } from './answer-shapes.ts'
import * as texts from './error-texts.ts'
import { type JarContents, readJar, type UploadedFile } from './jar-contents.ts'
import { newJob, type SimulatedCluster } from './simulated-cluster.ts'
import { type Behaviour, readProgram } from './simulated-job.ts'
import { checkBody } from './strictness.ts'

/** The uploaded jars of a simulated cluster, and what running one of them comes to. */
export interface Jars {
  add(file: UploadedFile): string
  list(): unknown[]
  remove(id: string): boolean
  plan(id: string, body: string): Promise<Answer>
  run(id: string, body: string): Promise<Answer>
}

interface Jar {
  id: string
  name: string
  uploaded: number
  contents: JarContents
}

interface Place {
  cluster: SimulatedCluster
  clock: Clock
  jars: Map<string, Jar>
  major: number
}

export function createJars(cluster: SimulatedCluster, clock: Clock): Jars {
  const place: Place = { cluster, clock, jars: new Map(), major: Number.parseInt(cluster.shape.version, 10) }
  let count = 0
  return {
    add({ name, bytes }) {
      count++
      const id = `00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}_${name}`
      place.jars.set(id, { id, name, uploaded: clock.now(), contents: readJar(bytes) })
      return id
    },
    list: () =>
      [...place.jars.values()].map(({ id, name, uploaded, contents }) => ({
        id,
        name,
        uploaded,
        entry: contents.mainClass === null ? [] : [{ name: contents.mainClass, description: null }],
      })),
    remove: (id) => place.jars.delete(id),
    plan: (id, body) => planJar(place, id, body),
    run: (id, body) => runJar(place, id, body),
  }
}

type Compiled =
  | { is: 'compiled'; behaviour: Behaviour; parallelism: number; body: Record<string, unknown> }
  /** The program was never entered. */
  | { is: 'not-entered'; answer: Answer }
  | { is: 'threw'; causes: string[] }

async function compiling({ clock, cluster }: Place): Promise<void> {
  const { submit } = cluster.shape.delays
  if (submit > 0) await clock.sleep(submit)
}

async function planJar(place: Place, id: string, text: string): Promise<Answer> {
  await compiling(place)
  const compiled = compile(place, { id, text, name: 'JarPlanRequestBody' })
  if (compiled.is === 'not-entered') return compiled.answer
  if (compiled.is === 'threw') return refusal(500, ...texts.internal(compiled.causes.join('\nCaused by: ')))
  const { behaviour, parallelism } = compiled
  return json(planBody(newJob({ jobId: '0'.repeat(32), behaviour, parallelism, restore: null }, 0)))
}

async function runJar(place: Place, id: string, text: string): Promise<Answer> {
  const { cluster, clock } = place
  await compiling(place)
  cluster.advance(clock.now())
  const compiled = compile(place, { id, text, name: 'JarRunRequestBody' })
  if (compiled.is === 'not-entered') return compiled.answer
  if (compiled.is === 'threw') return refusal(400, texts.couldNotExecute(...compiled.causes))
  const jobId = idOf(place, compiled.body)
  if (jobId === null) {
    return refusal(
      400,
      `Cannot parse JobID from "${compiled.body.jobId}". The expected format is [0-9a-fA-F]{32}, e.g. fd72014d4c864993a2e5a9287b4a9c5d.`,
    )
  }
  if (cluster.refuses(jobId)) return refusal(400, texts.couldNotExecute(texts.duplicate(place.major)))
  const job = cluster.start(
    {
      jobId,
      behaviour: compiled.behaviour,
      parallelism: compiled.parallelism,
      restore: restoreOf(compiled.body),
    },
    clock.now(),
  )
  const failure = job.state === 'FAILED' ? job.failures[0] : undefined
  if (failure) return refusal(400, texts.couldNotExecute(failure.stack))
  if (compiled.behaviour.executesTwice) {
    return refusal(400, texts.couldNotExecute(...texts.mainThrew(texts.executedTwice(place.major))))
  }
  return json({ jobid: jobId, ...(place.major >= 2 ? { applicationId: jobId } : {}) })
}

/** Ids longer than 32 digits are cut, not refused: two of them may become one. */
function idOf({ cluster }: Place, body: Record<string, unknown>): string | null {
  const { jobId } = body
  if (typeof jobId !== 'string') return cluster.usedIds.size.toString(16).padStart(32, 'e')
  return /^[0-9a-f]{32,}$/i.test(jobId) ? jobId.toLowerCase().slice(0, 32) : null
}

function restoreOf(body: Record<string, unknown>) {
  const path = body.savepointPath
  if (typeof path !== 'string') return null
  return { path, allowNonRestored: body.allowNonRestoredState === true }
}

interface Order {
  id: string
  text: string
  name: 'JarRunRequestBody' | 'JarPlanRequestBody'
}

function compile(place: Place, { id, text, name }: Order): Compiled {
  const checked = checkBody(name, text, place.cluster.shape.version)
  if (checked.is === 'bad') return { is: 'not-entered', answer: refusal(400, checked.error) }
  const jar = place.jars.get(id)
  const missing = jar ? notRunnable(jar, checked.body) : texts.jarMissing(id)
  if (!jar || missing !== null)
    return { is: 'not-entered', answer: refusal(500, ...texts.internal(missing ?? '')) }
  const { body } = checked
  const settings = stringsOf(body.flinkConfiguration)
  const bad = badSetting(settings)
  if (bad) return { is: 'not-entered', answer: refusal(400, bad) }
  const args = Array.isArray(body.programArgsList) ? body.programArgsList.map(String) : []
  const read =
    jar.contents.script === null
      ? readProgram(args, settings, 'counter')
      : readScript(jar.contents.script, settings)
  if (read.is === 'throws') return { is: 'threw', causes: texts.mainThrew(read.stack) }
  const parallelism = typeof body.parallelism === 'number' ? body.parallelism : 1
  return { is: 'compiled', behaviour: read.behaviour, parallelism, body }
}

function notRunnable({ contents }: Jar, body: Record<string, unknown>): string | null {
  if (!contents.isZip) return texts.notAZip()
  const entry = typeof body.entryClass === 'string' ? body.entryClass : contents.mainClass
  if (entry === null) return texts.noMainClass()
  return contents.classes.has(entry) ? null : texts.entryClassMissing(entry)
}

function badSetting(settings: Readonly<Record<string, string>>): string | null {
  const interval = settings['execution.checkpointing.interval']
  if (interval === undefined || /^\d+\s*(ms|s|m|min|h|d)?$/.test(interval.trim())) return null
  return `java.lang.IllegalArgumentException: Could not parse value '${interval}' for key 'execution.checkpointing.interval'.`
}

function stringsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, String(entry)]))
}

const STATEMENT = /^(SET|RESET|CREATE|DROP|ALTER|USE|INSERT|EXECUTE|BEGIN|END|ADD|LOAD|UNLOAD|WITH|SELECT)\b/i

/** Knows just enough SQL to be wrong about it as Flink is: a word that begins no statement, and a script without INSERT. */
function readScript(script: string, settings: Readonly<Record<string, string>>) {
  const statements = script
    .replace(/--[^\n]*/g, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
  const odd = statements.findIndex((statement) => !STATEMENT.test(statement))
  const complaint = statements.some((statement) => /\bINSERT\s+(INTO|OVERWRITE)\b/i.test(statement))
    ? odd >= 0 && texts.notAQuery(odd + 1)
    : texts.noInsert()
  if (complaint) return { is: 'throws' as const, stack: complaint }
  const set = Object.fromEntries(
    [...script.matchAll(/^\s*SET\s+'([^']+)'\s*=\s*'([^']*)'/gim)].map((match) => [
      match[1] ?? '',
      match[2] ?? '',
    ]),
  )
  const all = { 'pipeline.name': 'insert-into_default_catalog.default_database.sink', ...settings, ...set }
  return readProgram([], all, 'sql')
}
