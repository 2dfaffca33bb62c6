import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import { demandPlatform } from '../access/demand.ts'
import { foldName, isGoodName } from '../access/names.ts'
import { changeUnder } from '../jobs/change.ts'
import type { FlinkVersionRecord, Stores, Transact } from '../jobs/stores.ts'
import type { FlinkApi, FlinkVersionView } from '../platform.ts'
import type { HomeVerdict } from './flink-home.file.ts'
import { vendorOf } from './flink-version.ts'
import { explainHomeProblem } from './home-problems.ts'

export interface FlinkVersionsDependencies {
  transact: Transact
  read: Stores
  /** Looks at directories; starts no JVM of Flink's. */
  homes: {
    read(path: string, confDir: string | null): Promise<HomeVerdict>
    /** Null: there is no Java. */
    java(home: string): Promise<object | null>
  }
  clock: Clock
  ids: Ids
}

/** The Flink distributions that jobs are made for and clusters are started from. */
export function createFlinkVersions(dependencies: FlinkVersionsDependencies): FlinkApi {
  const { transact, read, homes, clock, ids } = dependencies
  return {
    list: async () => (await read.flinkVersions.all()).map(viewOf),

    async add(permit, draft) {
      demandPlatform(permit)
      const name = foldName(draft.name)
      if (!isGoodName(name)) return { ok: false, why: { of: 'bad-name' } }
      const found = await homes.read(draft.home, draft.confDir ?? null)
      if (!found.ok) return badHome((language) => explainHomeProblem(found.problem, language))
      const { javaHome = null } = draft
      if (javaHome !== null && !(await homes.java(javaHome))) {
        return badHome((language) => NO_JAVA[language](javaHome))
      }

      const { home } = found
      const answer = await transact(async (stores) => {
        const isFirst = (await stores.flinkVersions.all()).length === 0
        const version: FlinkVersionRecord = {
          id: ids.next('flink'),
          name,
          version: home.version.text,
          vendor: vendorOf(home.version),
          home: home.path,
          confDir: home.confDir,
          javaHome,
          hadoopConfDir: draft.hadoopConfDir ?? null,
          isDefault: draft.isDefault ?? isFirst,
        }
        if ((await stores.flinkVersions.insert(version, clock.now())) === 'name-taken') return null
        await stores.audit.record(changeUnder(permit, { subject: `flink ${name}`, after: viewOf(version) }))
        return viewOf(version)
      })
      return answer ? { ok: true, value: answer } : { ok: false, why: { of: 'name-taken' } }
    },

    async remove(permit, name) {
      demandPlatform(permit)
      return transact(async (stores) => {
        const version = await stores.flinkVersions.byName(foldName(name))
        if (!version) return { ok: false, why: 'unknown' }
        if ((await stores.flinkVersions.uses(version)) > 0) return { ok: false, why: 'in-use' }
        await stores.flinkVersions.remove(version.id)
        const view = viewOf(version)
        await stores.audit.record(changeUnder(permit, { subject: `flink ${version.name}`, before: view }))
        return { ok: true, value: view }
      })
    },
  }
}

const NO_JAVA = {
  zh: (path: string) => `${path} 下没有 Java(缺少 bin/java)。`,
  en: (path: string) => `${path} holds no Java: bin/java is missing or does not run.`,
}

function badHome(explain: (language: 'zh' | 'en') => string) {
  const because = { zh: explain('zh'), en: explain('en') }
  return { ok: false as const, why: { of: 'bad-home' as const, because } }
}

function viewOf({ id: _id, ...view }: FlinkVersionRecord): FlinkVersionView {
  return view
}
