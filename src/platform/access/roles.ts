import { VERBS, type Verb } from './access.ts'
import { GROUNDS } from './may.ts'

export interface Role {
  name: string
  title: { zh: string; en: string }
  permissions: readonly Verb[]
}

/** Verbs that a role can give. The others are everybody's already, or for admins alone. */
export const GRANTABLE: readonly Verb[] = VERBS.filter(
  (verb) => GROUNDS[verb] === 'role' || GROUNDS[verb] === 'role-somewhere',
)

const VIEWER = ['job:view', 'audit:view'] as const satisfies readonly Verb[]

/** Keeping a job alive: what one needs at three in the morning. Dangerous verbs ask a second person in production. */
const RUNNING = [
  'job:logs',
  'job:start',
  'job:stop',
  'job:restart',
  'job:rollback',
  'job:savepoint',
  'job:scale',
  'job:cancel',
  'operation:cancel',
  'incident:acknowledge',
  'incident:manage',
  'alert:silence',
  'oncall:override',
  'member:page',
  'token:create',
] as const satisfies readonly Verb[]

/** Changing what runs. */
const CHANGING = ['job:create', 'job:release'] as const satisfies readonly Verb[]

/** Answering for what others do. */
const APPROVING = ['approval:decide', 'job:adopt'] as const satisfies readonly Verb[]

/** Answering for the team itself. */
const LEADING = [
  'job:archive',
  'job:force',
  'team:manage',
  'alert:manage',
  'oncall:manage',
] as const satisfies readonly Verb[]

/**
 * Who writes a job does not approve it, and who approves does not change what runs; a lead may do both, though never
 * approve their own request. `admin` holds in one team all that a role can give; the rights on the platform itself
 * (clusters, members, work) come from the member being an admin, never from a role.
 */
export const BUILT_IN_ROLES: readonly Role[] = [
  { name: 'viewer', title: { zh: '观察者', en: 'Viewer' }, permissions: VIEWER },
  {
    name: 'developer',
    title: { zh: '开发者', en: 'Developer' },
    permissions: [...VIEWER, ...RUNNING, ...CHANGING],
  },
  {
    name: 'operator',
    title: { zh: '运维', en: 'Operator' },
    permissions: [...VIEWER, ...RUNNING, ...APPROVING],
  },
  {
    name: 'lead',
    title: { zh: '负责人', en: 'Lead' },
    permissions: [...VIEWER, ...RUNNING, ...CHANGING, ...APPROVING, ...LEADING],
  },
  { name: 'admin', title: { zh: '团队管理员', en: 'Team admin' }, permissions: GRANTABLE },
]

/** Those of `asked` that no role can give. */
export function notGrantable(asked: readonly Verb[]): readonly Verb[] {
  return asked.filter((verb) => !GRANTABLE.includes(verb))
}

/** Stored permissions, without those that this version no longer knows: for rights, to lose one is the safe side. */
export function knownVerbs(stored: readonly string[]): Verb[] {
  return VERBS.filter((verb) => stored.includes(verb))
}
