import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as house from './support/house-rules.ts'
import { filesBelow, type Source, source, sourcesBelow } from './support/source-tree.ts'

const ROOT = join(import.meta.dirname, '..')
const sources = sourcesBelow(ROOT, ['src', 'web', 'test', 'bench', 'scripts'])
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as house.Manifest

/** A rule, and a file that breaks it: how we know that the rule sees anything at all. */
interface Stated {
  says: string
  rule: house.Rule
  planted: readonly Source[]
}

const list = new Intl.ListFormat('en', { style: 'long', type: 'conjunction' })

const layers: Stated[] = house.PARTS.map(([part, allowed]) => ({
  says:
    allowed.length > 0 ? `${part} imports ${list.format(allowed)} only` : `${part} imports nothing of ours`,
  rule: house.importsOnly(part, allowed),
  planted: [strayFileOf(part)],
}))

const rules: Stated[] = [
  ...layers,
  {
    says: 'every file of src belongs to a part',
    rule: house.everyFileBelongsToAPart,
    planted: [source('src/helpers/strings.ts', '')],
  },
  {
    says: 'the bot reaches the platform only through platform.ts',
    rule: house.reachesThePlatformThroughItsDoor('bot'),
    planted: [source('src/bot/x.ts', "import type { Job } from '../platform/jobs/job.ts'")],
  },
  {
    says: 'the API reaches the platform only through platform.ts',
    rule: house.reachesThePlatformThroughItsDoor('api'),
    planted: [source('src/api/x.http.ts', "import { plan } from '../platform/jobs/plan.ts'")],
  },
  {
    says: 'the API knows types of the bot only',
    rule: house.theApiKnowsTypesOfTheBotOnly,
    planted: [source('src/api/x.ts', "import { createBot } from '../bot/bot.ts'")],
  },
  {
    says: 'nothing that touches an outside world reaches the page',
    rule: house.thePageTakesPureCodeOnly,
    planted: [
      source('web/x.tsx', "import { a } from '../src/platform/a.ts'"),
      source('src/platform/a.ts', "import { b } from './b.prisma.ts'"),
      source('src/platform/b.prisma.ts', "import pg from 'pg'"),
    ],
  },
  {
    says: 'nothing that runs imports tests, benches or scripts',
    rule: house.sourceImportsNoTests,
    planted: [source('src/lib/x.ts', "import { until } from '../../test/support/until.ts'")],
  },
  {
    says: 'no file imports itself on any way, not even types',
    rule: house.noCycles,
    planted: [
      source('src/lib/a.ts', "import { b } from './b.ts'"),
      source('src/lib/b.ts', "import type { C } from './c.ts'"),
      source('src/lib/c.ts', "export { a } from './a.ts'"),
    ],
  },
  {
    says: 'only settings.ts reads the environment',
    rule: house.onlySettingsReadTheEnvironment,
    planted: [source('src/lib/x.file.ts', 'const home = process.env.HOME')],
  },
  {
    says: 'a suffix names a world we know',
    rule: house.aSuffixNamesAWorldWeKnow,
    planted: [source('src/platform/jobs/job-store.mongo.ts', '')],
  },
  {
    says: 'a file without suffix imports no module that reaches the outside world',
    rule: house.noSuffixNoOutsideModule,
    planted: [source('src/platform/x.ts', "import { readFile } from 'node:fs/promises'")],
  },
  {
    says: 'a file without suffix does not import one on first use either',
    rule: house.noSuffixNoOutsideModule,
    planted: [source('src/platform/x.ts', "  const { spawn } = await import('node:child_process')")],
  },
  {
    says: 'a file without suffix takes pure functions of node:net, and no sockets',
    rule: house.noSuffixNoOutsideModule,
    planted: [source('src/platform/x.ts', "import { connect, isIP } from 'node:net'")],
  },
  {
    says: 'a file without suffix fetches nothing and leaves the process alone',
    rule: house.noSuffixNoOutsideCall,
    planted: [source('src/platform/x.ts', "const page = await fetch('http://127.0.0.1')")],
  },
  {
    says: 'a file without suffix acts through ports that it was handed',
    rule: house.noSuffixActsThroughPorts,
    planted: [source('src/platform/jobs/x.ts', "import { jobStore } from './job-store.prisma.ts'")],
  },
  {
    says: 'a vendor of chats is loaded when it is set up, and not before',
    rule: house.vendorsAreLoadedOnFirstUse,
    planted: [source('src/app.ts', "import { createSlack } from './bot/adapters/slack/slack.http.ts'")],
  },
  {
    says: 'time and chance are handed in',
    rule: house.timeAndChanceAreHandedIn,
    planted: [source('src/platform/watching/x.ts', 'const until = Date.now() + 90_000')],
  },
  {
    says: 'exports have names',
    rule: house.noDefaultExports,
    planted: [source('src/lib/x.ts', 'const x = 1\nexport default x')],
  },
  {
    says: 'only platform.ts passes on what others export',
    rule: house.onlyThePlatformsDoorPassesOn,
    planted: [source('src/bot/x.ts', "export * from './bot.ts'")],
  },
  {
    says: 'tests mock no modules',
    rule: house.testsMockNoModules,
    planted: [source('test/x.test.ts', `vi.${'mock'}('../src/lib/clock.ts')`)],
  },
  {
    says: 'what runs is installed to run',
    rule: house.whatRunsIsInstalledToRun(manifest),
    planted: [source('src/lib/x.http.ts', "import got from 'got'")],
  },
]

/** Nobody may import main, and main imports no part but one. */
function strayFileOf(part: house.Part): Source {
  if (part === 'main') return source('src/main.ts', "import { openApp } from './app.ts'")
  const path = ['app', 'core', 'settings'].includes(part) ? `src/${part}.ts` : `src/${part}/x.ts`
  return source(path, `import { main } from '${path.includes('/x.ts') ? '../main.ts' : './main.ts'}'`)
}

describe('the house', () => {
  for (const { says, rule } of rules) it(says, () => expect(rule(sources)).toEqual([]))

  it('everything installed is used', () => {
    expect(house.whatIsInstalledIsUsed(manifest)(sources)).toEqual([])
  })

  it('no file speaks of the machine it was written on', () => {
    const places = /(?<![\w.:/-])\/(?:root|Users\/\w|home\/(?!lin\b)\w)/
    const spoken = filesBelow(ROOT, '.')
      .filter((path) => /\.(md|[cm]?[jt]sx?|json|ya?ml|sh|java|css|html)$|(^|\/)(run|Dockerfile)$/.test(path))
      .filter((path) => places.test(readFileSync(join(ROOT, path), 'utf8')))

    expect(spoken).toEqual([])
  })
})

describe('a rule that is broken is seen', () => {
  for (const { says, rule, planted } of rules) it(says, () => expect(rule(planted)).not.toEqual([]))

  it('everything installed is used', () => {
    // Put together, because this file is read as well.
    const unused = ['left', 'pad'].join('-')
    const withOneMore = { ...manifest, dependencies: { ...manifest.dependencies, [unused]: '1.3.0' } }

    expect(house.whatIsInstalledIsUsed(withOneMore)(sources)).toEqual([
      `${unused} is installed, and nothing uses it`,
    ])
  })

  it('but not in a comment', () => {
    const quiet = source('src/lib/x.ts', "// import { readFile } from 'node:fs'\n/* process.env.HOME */\n")

    for (const { rule } of rules) expect(rule([quiet])).toEqual([])
  })
})
