import type { Instant } from '../../lib/clock.ts'

/** What of a job runs. Immutable; counted 1, 2, 3 per job. */
export interface Release {
  jobId: string
  number: number
  program:
    | { is: 'jar'; digest: string; fileName: string; entryClass: string | null; args: readonly string[] }
    | { is: 'sql'; script: string }
  parallelism: number | null
  flinkSettings: Readonly<Record<string, string>>
  /** Name of the registered Flink version it was made for; null: whatever the cluster runs. */
  flinkVersion: string | null
  clusterId: string
  savepointDir: string | null
  note: string
  author: string
  createdAt: Instant
}

/** What a person gives to make a release; what is left out is taken from the former one. */
export interface ReleaseDraft {
  program?:
    | { is: 'jar'; digest: string; entryClass?: string | null; args?: readonly string[] }
    | { is: 'sql'; script: string }
  parallelism?: number | null
  flinkSettings?: Readonly<Record<string, string>>
  flinkVersion?: string | null
  savepointDir?: string | null
  note?: string
}

/** One difference between two releases, for a card or a page. */
export interface ReleaseChange {
  field:
    | 'program'
    | 'entryClass'
    | 'args'
    | 'parallelism'
    | 'setting'
    | 'flinkVersion'
    | 'cluster'
    | 'savepointDir'
  /** For `setting`: its key. For `program` of SQL: null. */
  key: string | null
  before: string | null
  after: string | null
}
