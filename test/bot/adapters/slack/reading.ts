import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Reading } from '../../../../src/bot/adapters/slack/decode.ts'
import type { Json } from '../feishu/mutate.ts'

const FOLDER = join(import.meta.dirname, '../../../samples/slack/events')

/** The workspace of the samples. */
export const READING: Reading = {
  ours: { teamId: 'T061EG9R6', enterpriseId: null, userId: 'U0SLUICE01', botId: 'B0SLUICE01' },
  now: 1_772_413_210_000,
  nameOf: (person) => NAMES.get(person) ?? null,
}

const NAMES = new Map([
  ['U0LIN00001', 'Lin'],
  ['U0MEI00001', '美'],
])

export interface Sample {
  body: { [name: string]: Json }
  decoded: unknown
}

export const sampleNames = readdirSync(FOLDER).map((file) => file.replace('.json', ''))

export function sample(name: string): Sample {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'))
}
