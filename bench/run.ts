// Runs benches and sums their figures up. `npm run bench`: all of them, quickly. `npm run bench -- <name> …`: these, in
// full. `--quick` and `--on embedded|server` are handed on.
import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Figure } from './lib/bench.ts'

const BENCHES = [
  'queue',
  'command',
  'watching',
  'operation',
  'start',
  'double-taps',
  'chats',
  'alerts',
  'alert-faults',
]

const given = process.argv.slice(2)
const named = given.filter((word) => BENCHES.includes(word))
const unknown = given.filter(
  (word, at) => !BENCHES.includes(word) && !word.startsWith('--') && given[at - 1] !== '--on',
)
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${BENCHES.join(', ')}.`)
  process.exit(2)
}
const options = given.filter((word) => !named.includes(word))
const handedOn = named.length > 0 ? options : ['--quick', ...options]

const figures: Figure[] = []
const failed: string[] = []
const began = performance.now()
for (const name of named.length > 0 ? named : BENCHES) {
  const code = await runOne(name)
  if (code !== 0) failed.push(name)
}

console.log(`\n${Math.round((performance.now() - began) / 1000)} s in all`)
for (const { bench, figure, target, on, value, met } of figures) {
  if (met !== null) console.log(`${met ? '✓' : '✗'} ${bench}, ${on}: ${figure} ${value} (target ${target})`)
}
if (failed.length > 0) console.error(`Did not run to the end: ${failed.join(', ')}`)
// A missed target is told, not an error: figures depend on the machine.
process.exit(failed.length > 0 ? 1 : 0)

function runOne(name: string): Promise<number | null> {
  const child = fork(join(import.meta.dirname, `${name}.ts`), handedOn, { execArgv: ['--import', 'tsx'] })
  child.on('message', (figure) => figures.push(figure as Figure))
  return new Promise((resolve) => child.once('exit', resolve))
}
