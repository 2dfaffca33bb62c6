import { numberOf } from '../cursor.ts'
import { pageLimit, pageOf } from '../paging.ts'
import { dateOf, instantOf, toJson } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import { Prisma, type Release as ReleaseRecord } from '../storage/generated/client.ts'
import { readFlinkSettings } from './columns.ts'
import type { Release } from './release.ts'
import type { ReleaseStore } from './stores.ts'

type ReleaseRow = ReleaseRecord & { fileName: string | null }

const RELEASES = Prisma.sql`
  SELECT r.*, a."fileName" FROM "Release" r LEFT JOIN "Artifact" a ON a.digest = r."artifactDigest"`

export function createReleaseStore(client: Tx): ReleaseStore {
  return {
    async insert(release) {
      await client.release.createMany({ data: [toRow(release)] })
    },
    async byNumber(jobId, number) {
      const [row] = await client.$queryRaw<ReleaseRow[]>`
        ${RELEASES} WHERE r."jobId" = ${jobId} AND r.number = ${number}`
      return row ? toRelease(row) : null
    },
    async list(jobId, ask) {
      const before = numberOf(ask.cursor)
      const behind = before === null ? Prisma.empty : Prisma.sql`AND r.number < ${before}`
      const rows = await client.$queryRaw<ReleaseRow[]>`
        ${RELEASES} WHERE r."jobId" = ${jobId} ${behind} ORDER BY r.number DESC LIMIT ${pageLimit(ask) + 1}`
      return pageOf(rows, ask, (row) => String(row.number), toRelease)
    },
    async usesArtifact(digest) {
      return (
        (await client.release.findFirst({ where: { artifactDigest: digest }, select: { jobId: true } })) !==
        null
      )
    },
  }
}

function toRow({ program, author, createdAt, ...same }: Release): Prisma.ReleaseCreateManyInput {
  return {
    ...same,
    flinkSettings: toJson(same.flinkSettings),
    kind: program.is,
    artifactDigest: program.is === 'jar' ? program.digest : null,
    entryClass: program.is === 'jar' ? program.entryClass : null,
    args: program.is === 'jar' ? [...program.args] : [],
    sqlText: program.is === 'sql' ? program.script : null,
    authorName: author,
    createdAt: dateOf(createdAt),
  }
}

function toRelease(row: ReleaseRow): Release {
  return {
    jobId: row.jobId,
    number: row.number,
    program: toProgram(row),
    parallelism: row.parallelism,
    flinkSettings: readFlinkSettings(row.flinkSettings),
    flinkVersion: row.flinkVersion,
    clusterId: row.clusterId,
    savepointDir: row.savepointDir,
    note: row.note,
    author: row.authorName,
    createdAt: instantOf(row.createdAt),
  }
}

function toProgram(row: ReleaseRow): Release['program'] {
  if (row.kind === 'sql') return { is: 'sql', script: row.sqlText ?? '' }
  if (row.artifactDigest === null) throw new Error(`Release ${row.number} of ${row.jobId} names no artifact.`)
  return {
    is: 'jar',
    digest: row.artifactDigest,
    fileName: row.fileName ?? `${row.artifactDigest.slice(0, 12)}.jar`,
    entryClass: row.entryClass,
    args: row.args,
  }
}
