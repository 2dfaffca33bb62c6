import { cpus, loadavg, totalmem } from 'node:os'
import { basename } from 'node:path'
import { type Place, type PlaceKind, places } from './places.ts'

/** One figure on one database. */
export interface Figure {
  bench: string
  figure: string
  target: string
  on: PlaceKind
  value: string
  /** Null: nothing to meet. */
  met: boolean | null
}

export interface BenchSpec {
  /** What the figures are for, in one sentence. */
  for: string
  run(bench: Bench): Promise<void>
}

export interface Bench {
  place: Place
  /** Shorter runs, for all benches in a row. */
  quick: boolean
  /** What is going on, or a side figure. */
  say(text: string): void
  figure(figure: string, value: string, aim?: { target: string; met: boolean }): void
}

/** `--quick`, `--on embedded|server`; the rest is the bench's own. */
export function options(argv: readonly string[] = process.argv.slice(2)): {
  quick: boolean
  on: PlaceKind | null
} {
  const on = argv[argv.indexOf('--on') + 1]
  return {
    quick: argv.includes('--quick'),
    on: argv.includes('--on') && (on === 'embedded' || on === 'server') ? on : null,
  }
}

export function machine(): string {
  const memory = (totalmem() / 2 ** 30).toFixed(0)
  const load = loadavg()[0]?.toFixed(1)
  return `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${memory} GB, Node ${process.version}, load average ${load}`
}

/** Runs a bench on both databases, says what it is for and where it ran, and tells its figures. */
export async function bench(spec: BenchSpec): Promise<void> {
  const name = basename(process.argv[1] ?? '', '.ts')
  const { quick, on } = options()
  console.log(`\n${name}: ${spec.for}\n${machine()}`)
  for (const place of places(on)) {
    if (place.is === 'missing') {
      console.log(`  skipped on PostgreSQL: ${place.because}`)
      continue
    }
    const open = await place.open()
    try {
      await spec.run(told(name, open, quick))
    } finally {
      await open.close()
    }
  }
  console.log(`  load average at the end ${loadavg()[0]?.toFixed(1)}`)
}

function told(name: string, place: Place, quick: boolean): Bench {
  const where = place.kind === 'embedded' ? 'embedded  ' : 'PostgreSQL'
  return {
    place,
    quick,
    say: (text) => console.log(`  ${where}   ${text}`),
    figure(figure, value, aim) {
      const mark = aim ? (aim.met ? '✓' : '✗') : ' '
      console.log(`  ${where} ${mark} ${figure}: ${value}${aim ? ` (target ${aim.target})` : ''}`)
      const told: Figure = {
        bench: name,
        figure,
        target: aim?.target ?? '',
        on: place.kind,
        value,
        met: aim?.met ?? null,
      }
      process.send?.(told)
    },
  }
}
