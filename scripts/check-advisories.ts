// Asks the registry about known weaknesses of what runs. Exit codes: 0 none that is grave and unexplained, 1 there is
// one, 3 the registry answers no audits, so that nobody knows.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { judgeAudit } from './advisories.ts'

const REASONS = 'docs/decisions/advisories.md'

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  shell: process.platform === 'win32',
})
const verdict = judgeAudit(JSON.parse(stdout), readFileSync(REASONS, 'utf8'))

if (verdict.is === 'fine') {
  console.log(`No grave advisory without a reason in ${REASONS} (${verdict.known.length} with one).`)
} else if (verdict.is === 'unexplained') {
  for (const line of verdict.advisories) console.error(line)
  console.error(`Update the package, or write into ${REASONS} why it does not reach us.`)
  process.exitCode = 1
} else {
  console.log(`Not known: this registry answers no audits (${verdict.because}).`)
  process.exitCode = 3
}
