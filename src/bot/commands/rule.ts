import {
  type Condition,
  type Job,
  parseValue,
  type RuleDraft,
  type RuleScope,
  type RuleView,
  type Unit,
} from '../../platform/platform.ts'
import { card, facts, says, text, to } from '../cards/build.ts'
import type { Voice } from '../texts/voice.ts'
import { jobArg, nameArg, optional, textArg } from './args.ts'
import { command, type MemberTurn, type Target } from './command.ts'
import { findJob, findTeam, platformSubject } from './find.ts'

const ruleArg = textArg({ zh: '规则', en: 'rule' }, { place: 'word', names: ['规则'] })

/** Where a rule is set; without any of them: everywhere. */
const PLACE = {
  job: optional(jobArg()),
  team: optional(nameArg('team', { zh: '团队', en: 'team' }, { place: 'named' })),
  cluster: optional(nameArg('cluster', { zh: '集群', en: 'cluster' }, { place: 'named' })),
  env: optional(textArg({ zh: '环境', en: 'env' }, { names: ['环境'] })),
}

interface Place {
  job: string | null
  team: string | null
  cluster: string | null
  env: string | null
}

interface FoundPlace {
  scope: RuleScope
  /** In words, for the answer. */
  where: string
}

async function findPlace(turn: MemberTurn, place: Place): Promise<Target<FoundPlace>> {
  const subject = await subjectOf(turn, place)
  if (!subject.ok) return subject
  const scope: RuleScope = Object.fromEntries(
    Object.entries({ ...place, job: subject.found?.name ?? null }).filter(([, value]) => value !== null),
  )
  const where = Object.values(scope).join(' · ') || turn.voice.t.rule.everywhere
  return { ok: true, subject: subject.subject, found: { scope, where } }
}

/** A team's jobs are its own to judge; what reaches further is an admin's. */
async function subjectOf(turn: MemberTurn, { job, team }: Place): Promise<Target<Pick<Job, 'name'> | null>> {
  if (job !== null) return findJob(turn, { job })
  if (team === null) return { ok: true, subject: platformSubject('alert rules'), found: null }
  const found = await findTeam(turn, { team })
  return found.ok ? { ...found, found: null } : found
}

export const ruleList = command({
  name: ['rule', 'list'],
  zh: ['规则', '列表'],
  aliases: [['rules'], ['rule'], ['规则']],
  group: 'op',
  summary: {
    zh: '一个作业适用的告警规则和上限',
    en: 'the alert rules that hold for a job, and their limits',
  },
  examples: ['/rule list orders-cdc', '/规则 列表 orders-cdc'],
  needs: 'job:view',
  args: { job: jobArg() },
  find: findJob,
  async run({ platform, voice }, { found }) {
    const rules = await platform.rules.list({ job: found.name })
    const lines = rules.map((rule) => [rule.name, ruleText(rule, voice)] as const)
    return { card: card('neutral', voice.t.rule.title(found.name), { body: facts(...lines) }) }
  },
})

function ruleText({ when, unit, id, scope }: RuleView, voice: Voice): string {
  const { t } = voice
  const where =
    id === null ? t.rule.ours : t.rule.scope(Object.values(scope).join(' · ') || t.rule.everywhere)
  return `${t.rule.metric[when.metric]} ${conditionText(when, unit, voice)} · ${where}`
}

function conditionText(when: Condition, unit: Unit, { t, f }: Voice): string {
  const value = (number: number) => f.measure(number, unit)
  switch (when.is) {
    case 'above':
    case 'rate-above':
      return t.rule.when.above(value(when.limit), f.duration(when.for))
    case 'below':
    case 'rate-below':
      return t.rule.when.below(value(when.limit), f.duration(when.for))
    case 'rises':
      return t.rule.when.rises(value(when.by), f.duration(when.within))
    case 'unusual':
      return t.rule.when.unusual(String(when.times), value(when.atLeast))
    case 'absent':
      return t.rule.when.absent(f.duration(when.for))
  }
}

export const ruleLimit = command({
  name: ['rule', 'limit'],
  zh: ['规则', '上限'],
  aliases: [],
  group: 'op',
  summary: {
    zh: '为作业、团队、集群或环境改一条规则的上限',
    en: 'another limit of a rule for a job, a team, a cluster or an environment',
  },
  examples: [
    '/rule limit checkpoint-slow 2m orders-cdc',
    '/rule limit backpressure 95% team=data',
    '/规则 上限 checkpoint-slow 2m orders-cdc',
  ],
  needs: 'alert:manage',
  args: {
    rule: ruleArg,
    limit: textArg({ zh: '上限', en: 'limit' }, { place: 'word', names: ['上限'] }),
    ...PLACE,
  },
  find: findPlace,
  async run(turn, { args, found, permit }) {
    const { platform, voice } = turn
    const { t } = voice
    const rule = await nearest(turn, args.rule, found.scope)
    if (!rule) return unknownRule(turn, args.rule)
    const value = parseValue(args.limit, rule.unit)
    if (value === null) return { card: card('warning', t.rule.badLimit(args.limit, EXAMPLES[rule.unit])) }
    const draft = draftOf(rule, { scope: found.scope, when: withLimit(rule.when, value), enabled: true })
    const saved = await platform.rules.save(permit, draft)
    if (!saved.ok) return { card: card('warning', t.rule.unknownPlace(found.where)) }
    const body = [text(ruleText(saved.value, voice))]
    return {
      card: card('good', t.rule.set(rule.name, found.where), { body, buttons: listButton(turn, found) }),
      did: true,
    }
  },
})

const EXAMPLES: Record<Unit, string> = {
  ...{ ms: '90s', bytes: '10GiB', share: '80%', count: '5', records: '50000', 'per-second': '100' },
}

function withLimit(when: Condition, value: number): Condition {
  if (when.is === 'rises') return { ...when, by: value }
  if (when.is === 'unusual') return { ...when, atLeast: value }
  if (when.is === 'absent') return { ...when, for: value }
  return { ...when, limit: value }
}

function draftOf(
  { name, severity }: RuleView,
  change: Pick<RuleDraft, 'scope' | 'when' | 'enabled'>,
): RuleDraft {
  return { name, severity, ...change }
}

/** The one that holds there now: for the job, or by its name as it is everywhere. */
async function nearest(
  { platform }: MemberTurn,
  name: string,
  { job }: RuleScope,
): Promise<RuleView | undefined> {
  const rules = await platform.rules.list(job === undefined ? undefined : { job })
  const everywhere = job === undefined ? rules : [...rules, ...(await platform.rules.list())]
  return everywhere.find((rule) => rule.name === name)
}

async function unknownRule({ platform, voice }: MemberTurn, name: string) {
  const names = [...new Set((await platform.rules.list()).map((rule) => rule.name))]
  return { card: card('warning', voice.t.rule.unknown(name, names.join(', '))) }
}

function listButton({ voice }: MemberTurn, { scope }: FoundPlace) {
  return scope.job === undefined ? [] : [says(voice.t.button.show, to('rule list', scope.job))]
}

export const ruleOff = command({
  name: ['rule', 'off'],
  zh: ['规则', '关闭'],
  aliases: [],
  group: 'op',
  summary: { zh: '在某处不再用这条规则告警', en: 'tell nothing by this rule there any more' },
  examples: ['/rule off lag orders-cdc', '/规则 关闭 lag orders-cdc'],
  needs: 'alert:manage',
  args: { rule: ruleArg, ...PLACE },
  find: findPlace,
  async run(turn, { args, found, permit }) {
    const { t } = turn.voice
    const rule = await nearest(turn, args.rule, found.scope)
    if (!rule) return unknownRule(turn, args.rule)
    const saved = await turn.platform.rules.save(
      permit,
      draftOf(rule, { scope: found.scope, when: rule.when, enabled: false }),
    )
    if (!saved.ok) return { card: card('warning', t.rule.unknownPlace(found.where)) }
    return {
      card: card('good', t.rule.off(rule.name, found.where), { body: [text(t.rule.offText)] }),
      did: true,
    }
  },
})

export const ruleReset = command({
  name: ['rule', 'reset'],
  zh: ['规则', '恢复'],
  aliases: [],
  group: 'op',
  summary: { zh: '撤销在某处为一条规则设定的上限', en: 'take back what was set for a rule there' },
  examples: ['/rule reset checkpoint-slow orders-cdc', '/规则 恢复 checkpoint-slow orders-cdc'],
  needs: 'alert:manage',
  args: { rule: ruleArg, ...PLACE },
  find: findPlace,
  async run({ platform, voice }, { args, found, permit }) {
    const { t } = voice
    const gone = await platform.rules.remove(permit, { name: args.rule, scope: found.scope })
    if (!gone.ok) return { card: card('neutral', t.rule.nothingSet(args.rule, found.where)) }
    return { card: card('good', t.rule.reset(args.rule, found.where)), did: true }
  },
})
