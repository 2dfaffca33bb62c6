import type { YarnDraft } from '../platform.ts'
import type { HadoopFacts } from '../runtimes/yarn/hadoop-conf.ts'
import type { YarnPlace } from '../runtimes/yarn/yarn-place.ts'
import { readClusterAddress } from './cluster-address.ts'
import type { YarnProblem } from './yarn-problems.ts'

export type YarnPlaceVerdict = { ok: true; place: YarnPlace } | { ok: false; problem: YarnProblem }

const USER = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/
const QUEUE = /^[A-Za-z0-9_.-]{1,200}$/

/** What was typed, before what Hadoop's configuration says. */
export function yarnPlaceOf(draft: YarnDraft, facts: HadoopFacts | null): YarnPlaceVerdict {
  if (facts?.kerberos) return { ok: false, problem: { is: 'kerberos' } }
  const { user, queue, settings = {} } = draft
  if (!USER.test(user)) return bad('user', user)
  if (!QUEUE.test(queue)) return bad('queue', queue)
  const resourceManagers = addresses(draft.resourceManagers ?? facts?.resourceManagers ?? [])
  const nameNodes = addresses(draft.nameNodes ?? facts?.nameNodes ?? [])
  const wrong = [...resourceManagers.wrong, ...nameNodes.wrong][0]
  if (wrong !== undefined) return bad('address', wrong)
  if (resourceManagers.right.length === 0) return missing('resource-manager')
  if (nameNodes.right.length === 0) return missing('name-node')
  const fileSystem = draft.fileSystem ?? facts?.fileSystem
  if (fileSystem === undefined) return missing('file-system')
  if (!/^hdfs:\/\/[A-Za-z0-9._-]+(?::\d{1,5})?$/.test(fileSystem)) return bad('file-system', fileSystem)
  const hadoopClasspath = draft.hadoopClasspath ?? facts?.hadoopClasspath ?? []
  if (hadoopClasspath.length === 0) return missing('classpath')
  const unsafe = hadoopClasspath.find((entry) => !/^[\w$/.*{}+-]+$/.test(entry))
  if (unsafe !== undefined) return bad('classpath', unsafe)
  const logDirectory = draft.logDirectory ?? facts?.logDirectory ?? '/tmp/logs'
  if (!/^\/[\w./-]*$/.test(logDirectory)) return bad('log-directory', logDirectory)
  return {
    ok: true,
    place: {
      ...{ resourceManagers: resourceManagers.right, nameNodes: nameNodes.right, fileSystem },
      ...{ user, queue, hadoopClasspath, logDirectory, settings },
    },
  }
}

function addresses(typed: readonly string[]): { right: string[]; wrong: string[] } {
  const read = typed.map((address) => ({ address, is: readClusterAddress(address) }))
  return {
    right: read.flatMap(({ is }) => is ?? []),
    wrong: read.filter(({ is }) => is === null).map(({ address }) => address),
  }
}

function bad(what: (YarnProblem & { is: 'bad-value' })['what'], value: string): YarnPlaceVerdict {
  return { ok: false, problem: { is: 'bad-value', what, value } }
}

function missing(what: (YarnProblem & { is: 'missing' })['what']): YarnPlaceVerdict {
  return { ok: false, problem: { is: 'missing', what } }
}
