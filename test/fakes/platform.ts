import type { Clock } from '../../src/lib/clock.ts'
import type { Ids } from '../../src/lib/ids.ts'
import { nearNames } from '../../src/lib/near-names.ts'
import { mayComeAgain } from '../../src/lib/request-id.ts'
import { may } from '../../src/platform/access/may.ts'
import { BUILT_IN_ROLES } from '../../src/platform/access/roles.ts'
import type {
  AccessApi,
  AccountRef,
  AuditEntryView,
  By,
  ClusterView,
  IncidentView,
  Job,
  JobPage,
  JobsApi,
  LogPage,
  Member,
  MemberId,
  MemberView,
  Operation,
  OperationsApi,
  Order,
  Outcome,
  Permit,
  Plan,
  Platform,
  Progress,
  Release,
  ReleaseChange,
  ReleaseDraft,
  RequestRefusal,
  Savepoint,
  Subject,
  TeamId,
  TeamView,
  TokenView,
  Verb,
} from '../../src/platform/platform.ts'
import { fakeAlerting } from './alerting.ts'

/**
 * As much of the platform as the bot's tests need, in memory: the real rule for rights, jobs that stand still, and
 * operations that end when the test says so.
 */
export interface FakeWorld {
  platform: Platform
  members: Map<string, Member>
  /** E-mail and staff number by member, as a directory may name them. */
  known: Map<string, { email?: string; staffNumber?: string }>
  jobs: Map<string, Job>
  operations: Map<string, Operation>
  incidents: Map<string, IncidentView>
  savepoints: Map<string, Savepoint[]>
  releases: Map<string, Release[]>
  changes: ReleaseChange[]
  logs: LogPage[]
  audit: AuditEntryView[]
  tokens: TokenView[]
  /** What `request` says instead of beginning. */
  refuseNext: RequestRefusal | null
  /** Every request that was not joined. */
  begun: string[]
  addMember(name: string, displayName: string, role: string | null, more?: Partial<Member>): Member
  link(account: Pick<AccountRef, 'vendor' | 'externalId'>, member: string): void
  addJob(name: string, more?: Partial<Job>): Job
  setJob(name: string, change: Partial<Job>): void
  operation(id: string): Operation
  advance(id: string, progress: Progress): void
  finish(id: string, outcome: Outcome): void
  openIncident(incident: Partial<IncidentView> & Pick<IncidentView, 'kind' | 'subject'>): IncidentView
  changeIncident(id: string, change: Partial<IncidentView>): void
}

export const TEAM = 'team_data' as TeamId
const CODE = 'GOOD-CODE'
/** Verbs that want a second person in `prod`. */
const APPROVALS: readonly Verb[] = ['job:stop', 'job:restart', 'job:rollback', 'job:scale', 'job:start']
const EXPIRES_MS = 15 * 60_000

export function fakePlatform({ clock, ids }: { clock: Clock; ids: Ids }): FakeWorld {
  const members = new Map<string, Member>()
  const known: FakeWorld['known'] = new Map()
  const accounts = new Map<string, string>()
  const left = new Set<string>()
  const jobs = new Map<string, Job>()
  const operations = new Map<string, Operation>()
  const incidents = new Map<string, IncidentView>()
  const savepoints = new Map<string, Savepoint[]>()
  const releases = new Map<string, Release[]>()
  const codes = new Map<string, string>()
  const cluster: ClusterView = {
    id: 'cluster_a',
    name: 'session-a',
    kind: 'session',
    yarn: null,
    environment: 'prod',
    address: 'http://flink-a:8081',
    managed: false,
    sandbox: false,
    room: { of: 'slots', flinkVersion: '1.20.1', taskManagers: 2, slotsTotal: 8, slotsFree: 3 },
    reach: { is: 'reachable', at: clock.now() },
    jobs: 0,
  }

  const world: FakeWorld = {
    platform: null as unknown as Platform,
    members,
    known,
    jobs,
    operations,
    incidents,
    savepoints,
    releases,
    changes: [],
    logs: [],
    audit: [],
    tokens: [],
    refuseNext: null,
    begun: [],
    addMember(name, displayName, role, more = {}) {
      const permissions = BUILT_IN_ROLES.find((known) => known.name === role)?.permissions ?? []
      const roles = new Map(
        role === null ? [] : [[TEAM, { team: 'data', role, permissions: new Set(permissions) }] as const],
      )
      const member: Member = {
        id: `member_${name}` as MemberId,
        name,
        displayName,
        language: 'en',
        zone: 'Asia/Shanghai',
        isAdmin: false,
        disabled: false,
        roles,
        ...more,
      }
      members.set(name, member)
      accounts.set(`web:${name}`, name)
      return member
    },
    link: ({ vendor, externalId }, member) => accounts.set(`${vendor}:${externalId}`, member),
    addJob(name, more = {}) {
      const job: Job = {
        id: `job_${name}`,
        name,
        team: { id: TEAM, name: 'data' },
        environment: 'preprod',
        cluster: { id: cluster.id, name: cluster.name, sandbox: false },
        kind: 'jar',
        note: '',
        state: { is: 'running', attempt: 1, tasks: { total: 8, running: 8, finished: 0, failed: 0 } },
        stateSince: clock.now(),
        desired: 'running',
        effectiveRelease: 12,
        releases: 12,
        attempts: 1,
        generation: 4,
        restartPolicy: { is: 'none' },
        createdAt: clock.now(),
        importance: 'normal',
        archivedAt: null,
        ...more,
      }
      jobs.set(name, job)
      return job
    },
    setJob(name, change) {
      jobs.set(name, { ...jobNamed(name), ...change, generation: jobNamed(name).generation + 1 })
    },
    operation: operationById,
    advance: (id, progress) =>
      change(id, { state: 'running', progress, startedAt: operationById(id).startedAt ?? clock.now() }),
    finish: (id, outcome) =>
      change(id, { state: outcome.is === 'not-done' ? 'failed' : 'done', outcome, endedAt: clock.now() }),
    openIncident(given) {
      const incident: IncidentView = {
        id: ids.next('inc'),
        environment: 'preprod',
        team: 'data',
        generation: 1,
        version: 1,
        openedAt: clock.now(),
        ...{
          labels: {},
          annotations: {},
          tier: 'P1',
          state: 'triggered',
          toTeam: true,
          chats: [],
          operation: null,
        },
        ...{ acked: null, snoozedUntil: null, assignee: null, silenced: false, escalation: null, onCall: [] },
        ...{ closed: null, mergedInto: null },
        alerts: { firing: 1, held: 0, jobs: [], flapping: null },
        cause: null,
        savepoint: null,
        facts: {},
        sandbox: false,
        ...given,
      }
      incidents.set(incident.id, incident)
      return incident
    },
    changeIncident(id, changed) {
      const incident = incidents.get(id)
      if (!incident) throw new Error(`No incident ${id}`)
      incidents.set(id, { ...incident, ...changed, version: incident.version + 1 })
    },
  }

  function jobNamed(name: string): Job {
    const job = jobs.get(name)
    if (!job) throw new Error(`No job ${name}`)
    return job
  }

  function jobById(id: string): Job {
    const job = [...jobs.values()].find((one) => one.id === id)
    if (!job) throw new Error(`No job ${id}`)
    return job
  }

  function operationById(id: string): Operation {
    const operation = operations.get(id)
    if (!operation) throw new Error(`No operation ${id}`)
    return operation
  }

  function change(id: string, changed: Partial<Operation>): Operation {
    const before = operationById(id)
    const after = { ...before, ...changed, version: before.version + 1 }
    operations.set(id, after)
    return after
  }

  const team = (): TeamView => ({
    id: TEAM,
    name: 'data',
    title: '数据组',
    zone: 'Asia/Shanghai',
    language: 'zh',
    members: [...members.values()].map(({ name, displayName, disabled, roles }) => ({
      name,
      displayName,
      disabled,
      role: roles.get(TEAM)?.role ?? '',
    })),
  })

  const access: Pick<
    AccessApi,
    | 'permit'
    | 'mightDo'
    | 'memberOf'
    | 'memberById'
    | 'memberByName'
    | 'linkCode'
    | 'link'
    | 'setLanguage'
    | 'teams'
    | 'team'
    | 'roles'
    | 'environments'
    | 'members'
    | 'tokens'
    | 'createToken'
    | 'revokeToken'
    | 'createTeam'
    | 'setRole'
    | 'addMember'
    | 'disableMember'
    | 'reachOf'
    | 'linkByDirectory'
    | 'accountLeft'
    | 'importPerson'
  > = {
    async permit(by, verb, subject) {
      const decision = may(by.member, by.token, verb, subject)
      record(by, verb, subject, decision.yes ? 'allowed' : 'denied')
      // Only the real platform makes permits; here the rule above is all that stands behind one.
      if (decision.yes) {
        return { ok: true, permit: { by, verb, subject, at: clock.now() } as unknown as Permit<typeof verb> }
      }
      const whoCan = [...members.values()].filter((member) => may(member, null, verb, subject).yes)
      return { ok: false, because: decision.because, whoCan }
    },
    mightDo: (member, token, verb, subject) => may(member, token, verb, subject).yes,
    async memberOf({ vendor, externalId }) {
      const key = `${vendor}:${externalId}`
      const member = members.get(accounts.get(key) ?? '') ?? null
      return member && left.has(key) ? { ...member, disabled: true } : member
    },
    async reachOf(id) {
      const name = [...members.values()].find((member) => member.id === id)?.name
      if (name === undefined) return null
      const its = [...accounts].filter(([key, member]) => member === name && !left.has(key))
      return { email: known.get(name)?.email ?? null, accounts: its.map(([key]) => accountOf(key)) }
    },
    async linkByDirectory({ vendor, externalId }, { email, staffNumber }) {
      const key = `${vendor}:${externalId}`
      if (accounts.has(key) || left.has(key)) return null
      const [member, another] = [...members.values()].filter(({ name, disabled }) => {
        const its = known.get(name) ?? {}
        return !disabled && (isSame(its.email, email) || isSame(its.staffNumber, staffNumber))
      })
      if (!member || another) return null
      accounts.set(key, member.name)
      return member
    },
    async accountLeft({ vendor, externalId }) {
      const key = `${vendor}:${externalId}`
      const name = accounts.get(key)
      if (name === undefined || left.has(key)) return null
      left.add(key)
      return members.get(name) ?? null
    },
    async importPerson(permit, { account, email, staffNumber }) {
      const key = `${account.vendor}:${account.externalId}`
      if (accounts.has(key)) return 'known'
      if (await access.linkByDirectory(account, { email, staffNumber }, permit.by.requestId)) return 'linked'
      const { name } = world.addMember(account.externalId, account.displayName, null)
      accounts.set(key, name)
      return 'added'
    },
    memberById: async (id) => [...members.values()].find((member) => member.id === id) ?? null,
    memberByName: async (name) => members.get(name) ?? null,
    async linkCode({ by }) {
      codes.set(CODE, by.member.name)
      return { code: CODE, expiresAt: clock.now() + 600_000 }
    },
    async link({ vendor, externalId }, code) {
      const member = members.get(codes.get(code) ?? '')
      if (!member) return { ok: false, why: 'unknown-code' }
      codes.delete(code)
      accounts.set(`${vendor}:${externalId}`, member.name)
      left.delete(`${vendor}:${externalId}`)
      return { ok: true, value: member }
    },
    async setLanguage(member, language) {
      members.set(member.name, { ...member, language })
    },
    teams: async () => [team()],
    team: async (name) =>
      name === 'data' ? { ok: true, value: team() } : { ok: false, near: nearNames(name, ['data']) },
    roles: async () => BUILT_IN_ROLES.map((role) => ({ ...role, builtIn: true })),
    environments: async () => [
      { name: 'prod', title: { zh: '生产', en: 'Production' }, approvals: APPROVALS, expiresMin: 15 },
      { name: 'preprod', title: { zh: '预发', en: 'Pre-production' }, approvals: [], expiresMin: 15 },
    ],
    members: async () => ({ items: [...members.values()].map(memberView), next: null }),
    tokens: async () => world.tokens,
    async revokeToken(_by, id) {
      const token = world.tokens.find((one) => one.id === id)
      return token ? { ok: true, value: token } : { ok: false, why: 'unknown-token' }
    },
    async createTeam(_permit, { name }) {
      return name === 'data' ? { ok: false, why: 'name-taken' } : { ok: true, value: { ...team(), name } }
    },
    async setRole(_permit, { member, role }) {
      if (!members.has(member)) return { ok: false, why: 'unknown-member' }
      const known = role === null || BUILT_IN_ROLES.some(({ name }) => name === role)
      return known ? { ok: true, value: team() } : { ok: false, why: 'unknown-role' }
    },
    async addMember(_permit, { name, displayName }) {
      if (members.has(name)) return { ok: false, why: 'name-taken' }
      return { ok: true, value: memberView(world.addMember(name, displayName, null)) }
    },
    async disableMember(_permit, name, disabled) {
      const member = members.get(name)
      if (!member) return { ok: false, why: 'unknown-member' }
      members.set(name, { ...member, disabled })
      const its = [...accounts].filter(([, owner]) => owner === name)
      if (!disabled) for (const [key] of its) left.delete(key)
      return { ok: true, value: memberView(member) }
    },
    async createToken(_permit, { name, verbs, days, teams = [], environments = [] }) {
      const token: TokenView = {
        id: ids.next('tok'),
        name,
        member: 'lin',
        verbs,
        teams,
        environments,
        createdAt: clock.now(),
        expiresAt: clock.now() + days * 86_400_000,
        revokedAt: null,
        lastUsedAt: null,
      }
      world.tokens.push(token)
      return { ok: true, value: { token, secret: 'slc_very-secret' } }
    },
  }

  function record(by: By, verb: Verb, subject: Subject, decision: string): void {
    world.audit.unshift({
      id: String(world.audit.length + 1),
      at: clock.now(),
      actor: by.member.name,
      via: by.via,
      verb,
      subject: subject.of === 'team' ? (subject.job?.name ?? 'team data') : subject.what,
      decision,
      because: null,
      before: null,
      after: null,
      requestId: by.requestId,
    })
  }

  const jobsApi: Pick<
    JobsApi,
    | 'list'
    | 'find'
    | 'page'
    | 'create'
    | 'release'
    | 'setRestartPolicy'
    | 'setImportance'
    | 'strangers'
    | 'releases'
    | 'releaseByNumber'
    | 'diff'
    | 'savepoints'
    | 'attempts'
    | 'logs'
    | 'archive'
  > = {
    async list(_by, { like, state, limit = 20, cursor }) {
      const all = [...jobs.values()].filter(
        (job) => (!like || job.name.includes(like)) && (!state || job.state.is === state),
      )
      const from = Number(cursor ?? 0)
      const counts: Record<string, number> = {}
      for (const job of all) counts[job.state.is] = (counts[job.state.is] ?? 0) + 1
      const next = from + limit < all.length ? String(from + limit) : null
      return { items: all.slice(from, from + limit), next, counts }
    },
    async find(name) {
      const job = jobs.get(name)
      return job ? { ok: true, value: job } : { ok: false, near: nearNames(name, [...jobs.keys()]) }
    },
    async page(_permit, id): Promise<JobPage> {
      const job = jobById(id)
      return { job, detail: null, cluster, savepoint: null, operation: null, incident: null }
    },
    async create(_permit, { name, release }) {
      if (jobs.has(name)) return { ok: false, why: { of: 'name-taken' } }
      if (!release.program) return { ok: false, why: { of: 'no-program' } }
      const job = world.addJob(name, {
        state: { is: 'new' },
        effectiveRelease: null,
        releases: 1,
        attempts: 0,
      })
      return { ok: true, value: { job, release: releaseOf(job, release) } }
    },
    async release(_permit, id, draft) {
      const job = jobById(id)
      jobs.set(job.name, { ...job, releases: job.releases + 1 })
      return { ok: true, value: releaseOf(jobById(id), draft) }
    },
    async setImportance(_permit, id, importance) {
      const job = { ...jobById(id), importance }
      jobs.set(job.name, job)
      return job
    },
    async setRestartPolicy(_permit, id, restartPolicy) {
      const job = { ...jobById(id), restartPolicy }
      jobs.set(job.name, job)
      return job
    },
    strangers: async () => [
      {
        flinkJobId: '5a1c2d3e4f5061728394a5b6c7d8e9f0',
        name: 'by-hand',
        state: 'RUNNING',
        startedAt: clock.now(),
      },
    ],
    releases: async (_permit, id) => ({ items: releases.get(id) ?? [], next: null }),
    releaseByNumber: async (_permit, id, number) =>
      (releases.get(id) ?? []).find((release) => release.number === number) ?? null,
    async diff(_permit, id, from, to) {
      const asked = [from, to].find((number) => number < 1 || number > jobById(id).releases)
      return asked === undefined
        ? { ok: true, value: world.changes }
        : { ok: false, why: { of: 'unknown-release', asked } }
    },
    savepoints: async (_permit, id) => ({ items: savepoints.get(id) ?? [], next: null }),
    attempts: async () => ({ items: [], next: null }),
    logs: async () => ({ ok: true, value: world.logs }),
    async archive(_permit, id) {
      const job = jobById(id)
      if (job.state.is !== 'stopped') return { ok: false, why: { of: 'not-stopped' } }
      return { ok: true, value: { ...job, archivedAt: clock.now() } }
    },
  }

  function releaseOf(job: Job, { program, note = '' }: ReleaseDraft): Release {
    return {
      jobId: job.id,
      number: job.releases,
      program:
        program?.is === 'sql'
          ? program
          : { is: 'jar', digest: 'd', fileName: 'a.jar', entryClass: null, args: [] },
      parallelism: null,
      flinkSettings: {},
      flinkVersion: null,
      clusterId: cluster.id,
      savepointDir: null,
      note,
      author: 'Lin',
      createdAt: clock.now(),
    }
  }

  const operationsApi: OperationsApi = {
    openBy: async (memberId) =>
      [...operations.values()].filter((one) => isOpen(one) && one.requester.memberId === memberId),
    async request({ by }, jobId, order, { reason, force }) {
      const why = world.refuseNext
      world.refuseNext = null
      if (why) return { ok: false, why }
      const job = jobById(jobId)
      const equal = [...operations.values()].filter(
        (one) => one.job.id === jobId && JSON.stringify(one.order) === JSON.stringify(order),
      )
      const begun = mayComeAgain(by.requestId)
        ? equal.find(({ requestId }) => requestId === by.requestId)
        : undefined
      const same = begun ?? equal.find(isOpen)
      if (same) return { ok: true, operation: same, joined: true }
      const waits = job.environment === 'prod' && APPROVALS.includes(`job:${order.verb}` as Verb)
      const now = clock.now()
      const operation: Operation = {
        id: ids.next('op'),
        job: {
          id: job.id,
          name: job.name,
          environment: job.environment,
          team: job.team.name,
          sandbox: false,
        },
        order,
        state: waits ? 'waiting-approval' : 'queued',
        plan: planOf(job, order),
        progress: null,
        outcome: null,
        requester: { memberId: by.member.id, name: by.member.displayName },
        via: by.via,
        reason,
        force,
        approval: waits
          ? { state: 'open', expiresAt: now + EXPIRES_MS, decider: null, decidedAt: null, note: null }
          : null,
        cancelAskedBy: null,
        requestId: by.requestId,
        version: 1,
        createdAt: now,
        startedAt: null,
        endedAt: null,
        usualMs: 40_000,
      }
      operations.set(operation.id, operation)
      world.begun.push(operation.id)
      return { ok: true, operation, joined: false }
    },
    byId: async (id) => operations.get(id) ?? null,
    list: async (_by, { job }) => ({
      items: [...operations.values()].filter((one) => !job || one.job.name === job).reverse(),
      next: null,
    }),
    async cancel({ by }, id) {
      if (!isOpen(operationById(id))) return { ok: false, why: 'ended' }
      return {
        ok: true,
        value: change(id, { state: 'cancelled', cancelAskedBy: by.member.displayName, endedAt: clock.now() }),
      }
    },
    approve: async ({ by }, id, note) => decide(by, id, note, 'approved'),
    async reject({ by }, id, note) {
      const done = decide(by, id, note, 'rejected')
      return done
    },
    wait: async (id) => operations.get(id) ?? null,
  }

  function decide(by: By, id: string, note: string | null, state: 'approved' | 'rejected') {
    const operation = operationById(id)
    if (operation.state !== 'waiting-approval' || !operation.approval)
      return { ok: false, why: 'decided' } as const
    if (operation.requester.memberId === by.member.id) return { ok: false, why: 'own-request' } as const
    const approval = {
      ...operation.approval,
      state,
      decider: by.member.displayName,
      decidedAt: clock.now(),
      note,
    }
    const next = state === 'approved' ? 'queued' : 'refused'
    return { ok: true, value: change(id, { approval, state: next }) } as const
  }

  const alerting = fakeAlerting({ clock, ids, members })
  const partial = {
    access,
    ...alerting.api,
    jobs: jobsApi,
    operations: operationsApi,
    clusters: {
      list: async () => [cluster],
      add: async () => ({ ok: false, why: { of: 'no-answer', because: 'connection refused' } }),
      addYarn: async () => ({ ok: false, why: { of: 'no-answer', because: 'connection refused' } }),
      remove: async () => ({ ok: false, why: { of: 'has-jobs', jobs: 2 } }),
      scale: async () => ({ ok: true, value: cluster }),
      find: async (name: string) =>
        name === cluster.name
          ? { ok: true, value: cluster }
          : { ok: false, near: nearNames(name, [cluster.name]) },
    },
    flink: {
      list: async () => [],
      add: async (_permit: Permit, { name, home }: { name: string; home: string }) => ({
        ok: true,
        value: { name, version: '1.20.1', vendor: null, home, isDefault: true },
      }),
      remove: async () => ({ ok: false, why: 'in-use' }),
    },
    chatSetups: {
      list: async () => [],
      save: async () => {
        throw new Error('The fake platform keeps no chat setups')
      },
      remove: async () => false,
      onChange: async () => async () => {},
    },
    incidents: {
      byId: async (id: string) => incidents.get(id) ?? null,
      list: async () => ({
        items: [...incidents.values()].filter(({ closed }) => closed === null),
        next: null,
      }),
      create: async (
        _permit: Permit,
        { title, tier, team }: { title: string; tier: 'P0'; team: string | null },
      ) => ({
        ok: true,
        value: world.openIncident({ kind: 'manual', subject: { is: 'alerts', name: title }, tier, team }),
      }),
      async acknowledge({ by }: Permit, id: string, generation: number) {
        const incident = incidents.get(id)
        if (!incident) return { ok: false, why: 'unknown' }
        if (incident.generation !== generation) return { ok: false, why: 'stale' }
        const { id: memberId, displayName } = by.member
        const acked = { by: displayName, memberId, at: clock.now(), until: null, onCall: true, helpers: [] }
        world.changeIncident(id, { state: 'acknowledged', acked })
        return { ok: true, value: incidents.get(id) }
      },
    },
    audit: { list: async () => ({ items: world.audit, next: null }) },
    work: {
      depth: async () => [],
      dead: async () => ({ items: [], next: null }),
      replay: async () => ({ ok: false, why: 'unknown' }),
    },
  }
  // What is left out here fails loudly when a test calls it, as a missing function.
  world.platform = partial as unknown as Platform
  return world
}

function memberView({ id, name, displayName, language, zone, isAdmin, disabled, roles }: Member): MemberView {
  const teams = [...roles.values()].map(({ team, role }) => ({ team, role }))
  return { id, name, displayName, email: null, language, zone, isAdmin, disabled, teams, accounts: [] }
}

function accountOf(key: string): { vendor: string; externalId: string } {
  const at = key.indexOf(':')
  return { vendor: key.slice(0, at), externalId: key.slice(at + 1) }
}

function isSame(ours: string | undefined, theirs: string | null): boolean {
  return ours !== undefined && ours.toLowerCase() === theirs?.toLowerCase()
}

function isOpen({ state }: Operation): boolean {
  return state === 'waiting-approval' || state === 'queued' || state === 'running'
}

function planOf(job: Job, order: Order): Plan {
  const release = 'release' in order ? order.release : order.verb === 'rollback' ? (order.to ?? 11) : null
  const starts = order.verb !== 'stop' && order.verb !== 'cancel' && order.verb !== 'savepoint'
  return {
    verb: order.verb,
    fromRelease: job.effectiveRelease,
    toRelease: release ?? job.effectiveRelease,
    parallelism: order.verb === 'scale' ? order.parallelism : null,
    stop: job.state.is === 'running' && order.verb !== 'savepoint' ? 'savepoint' : null,
    restore: starts ? { is: 'taken-now' } : null,
    changes: [],
    warnings: [],
    attempts: job.attempts,
  }
}
