import { never } from '../lib/never.ts'
import type {
  Because,
  JobRefusal,
  Language,
  OnCallRefusal,
  RequestRefusal,
  RoutingProblem,
} from '../platform/platform.ts'
import type { Problem, ProblemFacts, ProblemKind, Thing } from './problem.ts'

type Sentences = { [K in ProblemKind]: (facts: ProblemFacts[K]) => string }

/** One clear sentence: what is wrong, and what would be right. */
export function sentence(problem: Problem, language: Language): string {
  // The kind picks the sentence that takes this kind's facts; TypeScript does not follow the pair through the table.
  const write = SENTENCES[language][problem.kind] as (facts: unknown) => string
  return write(problem.facts)
}

export function title(status: number, language: Language): string {
  return TITLES[language][status] ?? TITLES[language][500] ?? ''
}

const EN: Sentences = {
  'bad-request': ({ because }) => `The request cannot be read: ${because}.`,
  'not-valid': ({ issues }) =>
    issues.length === 1
      ? `One field needs attention: ${fields(issues)}.`
      : `${issues.length} fields need attention: ${fields(issues)}.`,
  'not-json': ({ because }) => `The body is not JSON: ${because}.`,
  'unknown-cursor': () => 'This cursor is not from this list. Start again without a cursor.',
  'bad-idempotency-key': () => 'An Idempotency-Key has 1 to 200 printable ASCII characters.',
  'not-signed-in': () => 'Sign in first, or send a token: Authorization: Bearer ….',
  'bad-token': ({ why }) =>
    ({
      unknown: 'This token is not known here.',
      expired: 'This token has expired. Make a new one with /token create.',
      revoked: 'This token was revoked. Make a new one with /token create.',
      disabled: 'The member of this token is disabled. An admin can enable them.',
    })[why],
  'wrong-password': () => 'Name or password is wrong.',
  'bad-code': ({ why }) =>
    ({
      'unknown-code': 'This sign-in code is not known here. Ask for a new link.',
      expired: 'This sign-in code has expired. Ask for a new link.',
      used: 'This sign-in code was used already. Ask for a new link.',
    })[why],
  disabled: () => 'This member is disabled. An admin can enable them.',
  'bad-csrf': () => 'The X-CSRF-Token header is missing or old. Read it from GET /api/v1/session.',
  'other-origin': ({ origin }) =>
    `Requests from ${origin} are not taken here. Set PUBLIC_URL if that is Sluice's own address.`,
  'session-only': () => 'This needs a web session, not a token.',
  'not-allowed': ({ because, whoCan }) =>
    [becauseEn(because), helps(because) ? whoCanEn(whoCan) : ''].filter(Boolean).join(' '),
  'no-such-page': ({ path }) => `There is nothing at ${path}.`,
  'no-such-method': ({ method, allowed }) =>
    `${method} is not possible here. Possible: ${allowed.join(', ')}.`,
  'not-found': ({ what, name, near }) =>
    `There is no ${THINGS.en[what]} "${name}".${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''}`,
  'too-large': ({ limit }) => `The body is too large; at most ${limit} are taken.`,
  'wrong-type': ({ wanted }) => `Send the body as Content-Type: ${wanted}.`,
  'other-host': ({ host }) =>
    `Sluice does not answer as "${host}". Set PUBLIC_URL if that is its own address.`,
  throttled: () => 'Too many attempts. Try again in a few minutes.',
  'key-reused': () => 'This Idempotency-Key was used for another request. Take a new key.',
  'key-running': () => 'The first request with this Idempotency-Key is still at work. Ask again in a moment.',
  'name-taken': ({ name }) => `The name "${name}" is taken.`,
  'bad-name': ({ name }) =>
    `"${name}" is not a name: letters, digits, '.', '_' and '-', at most 63, beginning with a letter or digit.`,
  'not-a-jar': ({ name }) => `${name} is not a JAR: its manifest cannot be read.`,
  'digest-differs': ({ wanted, got }) =>
    `The file arrived with sha256 ${got}, but ${wanted} was announced. Send it again.`,
  'job-refused': ({ job, why }) => jobRefusalEn(job, why),
  'operation-refused': ({ job, why }) => refusalEn(job, why),
  'operation-over': () => 'This operation has ended already.',
  'too-late': () => 'It is too late to cancel this operation: Flink is already doing it.',
  'own-request': () => 'Your own request needs somebody else.',
  decided: () => 'This was decided already.',
  'approval-expired': () => 'This request has expired. Ask for the operation again.',
  'plan-changed': () =>
    'The job has changed since this was planned. Ask for the operation again and look at the new plan.',
  'never-ran': ({ job }) => `${job} has not run yet, so it has no logs.`,
  'cluster-silent': ({ name }) =>
    `The cluster of ${name} does not answer now. Its jobs may well be running; try again later.`,
  'bad-address': ({ address }) =>
    `"${address}" is not the address of a Flink REST endpoint, such as http://localhost:8081.`,
  'no-answer': ({ address, because }) => `Flink does not answer at ${address}: ${because}.`,
  'has-jobs': ({ name, jobs }) =>
    `${name} still has ${jobs} ${jobs === 1 ? 'job' : 'jobs'}. Archive or move them first.`,
  'not-managed': ({ name }) =>
    `${name} was not started by Sluice, so its TaskManagers are added where it was started.`,
  'not-scaled': ({ name, because }) => `${name} stays as it was: ${because}.`,
  'bad-home': ({ en }) => en,
  'bad-yarn': ({ en }) => en,
  'yarn-silent': ({ name, because }) => `${name} is not registered, because it does not answer: ${because}.`,
  'in-use': ({ name }) => `${name} is in use by a cluster or a release.`,
  'set-by-environment': ({ vendor }) =>
    `${vendor} is set up by the environment of the server. Change it there and restart, or take it out there first.`,
  'not-set-up': ({ vendor }) => `${vendor} is not set up yet.`,
  'not-open': ({ vendor }) =>
    `${vendor} is not open here. Set it up, or look at the check for what is wrong.`,
  'last-admin': () => 'This is the last admin. Make another one first.',
  'beyond-own-rights': () =>
    'You can give only rights that you have yourself, and for no longer than you have them.',
  'bad-days': () => 'A token lives 1 to 365 days.',
  'password-too-short': () => 'A password needs more characters; a sentence is easy to remember.',
  'not-grantable': () => 'Some of these rights are for admins alone and cannot be part of a role.',
  'incident-closed': () => 'This incident is over.',
  'incident-stale': () => 'Something happened since: look at the incident again.',
  'incident-not-so': ({ why }) => INCIDENT_NOT_SO.en[why] ?? why,
  'on-call-refused': ({ why }) => onCallRefused(why).en,
  'bad-routing': ({ problems }) => `The routing was not taken: ${problems.map(routingProblem).join('; ')}`,
  'no-page-built': () => 'The web page is not built. Run npm run build.',
  stopping: () => 'Sluice is stopping. Try again in a moment.',
  'our-fault': () => 'Something broke on our side. The request id finds it in the log.',
}

const ZH: Sentences = {
  'bad-request': ({ because }) => `无法读取请求:${because}。`,
  'not-valid': ({ issues }) => `有 ${issues.length} 个字段需要修改:${fields(issues)}。`,
  'not-json': ({ because }) => `请求体不是 JSON:${because}。`,
  'unknown-cursor': () => '这个 cursor 不属于此列表。去掉 cursor 从头开始。',
  'bad-idempotency-key': () => 'Idempotency-Key 应为 1 到 200 个可见 ASCII 字符。',
  'not-signed-in': () => '需要先登录,或者带上令牌:Authorization: Bearer …。',
  'bad-token': ({ why }) =>
    ({
      unknown: '这里没有这个令牌。',
      expired: '这个令牌已过期。用 /token create 新建一个。',
      revoked: '这个令牌已被吊销。用 /token create 新建一个。',
      disabled: '令牌所属的成员已停用,管理员可以恢复。',
    })[why],
  'wrong-password': () => '用户名或密码不对。',
  'bad-code': ({ why }) =>
    ({
      'unknown-code': '这里没有这个登录码。重新要一个登录链接。',
      expired: '这个登录码已过期。重新要一个登录链接。',
      used: '这个登录码已用过。重新要一个登录链接。',
    })[why],
  disabled: () => '这位成员已停用,管理员可以恢复。',
  'bad-csrf': () => '缺少 X-CSRF-Token 或已过期。从 GET /api/v1/session 读取。',
  'other-origin': ({ origin }) => `不接受来自 ${origin} 的请求。如果这就是 Sluice 的地址,请设置 PUBLIC_URL。`,
  'session-only': () => '这里需要网页登录,不能用令牌。',
  'not-allowed': ({ because, whoCan }) => becauseZh(because) + (helps(because) ? whoCanZh(whoCan) : ''),
  'no-such-page': ({ path }) => `${path} 没有内容。`,
  'no-such-method': ({ method, allowed }) => `这里不能用 ${method},可用:${allowed.join('、')}。`,
  'not-found': ({ what, name, near }) =>
    `没有名为“${name}”的${THINGS.zh[what]}。${near.length > 0 ? `是不是 ${near.join(' 或 ')}?` : ''}`,
  'too-large': ({ limit }) => `请求体太大,最多 ${limit}。`,
  'wrong-type': ({ wanted }) => `请求体的 Content-Type 应为 ${wanted}。`,
  'other-host': ({ host }) => `Sluice 的地址不是“${host}”。如果确实是,请设置 PUBLIC_URL。`,
  throttled: () => '尝试太多次,过几分钟再试。',
  'key-reused': () => '这个 Idempotency-Key 已用于另一个请求,请换一个。',
  'key-running': () => '同一个 Idempotency-Key 的请求还在进行,稍后再问。',
  'name-taken': ({ name }) => `名称“${name}”已被占用。`,
  'bad-name': ({ name }) => `“${name}”不能作为名称:只用字母、数字、“.”“_”“-”,最多 63 个,以字母或数字开头。`,
  'not-a-jar': ({ name }) => `${name} 不是 JAR:读不出它的 manifest。`,
  'digest-differs': ({ wanted, got }) => `收到的文件 sha256 是 ${got},声明的是 ${wanted}。请重新上传。`,
  'job-refused': ({ job, why }) => jobRefusalZh(job, why),
  'operation-refused': ({ job, why }) => refusalZh(job, why),
  'operation-over': () => '这个操作已经结束。',
  'too-late': () => '来不及取消:Flink 已经在执行。',
  'own-request': () => '自己的申请需要别人来批准。',
  decided: () => '已经有人处理过。',
  'approval-expired': () => '申请已过期,请重新发起操作。',
  'plan-changed': () => '制定计划之后作业有变化。请重新发起操作,查看新的计划。',
  'never-ran': ({ job }) => `${job} 还没有运行过,没有日志。`,
  'cluster-silent': ({ name }) => `${name} 所在的集群没有应答。作业可能仍在运行,请稍后再试。`,
  'bad-address': ({ address }) => `“${address}”不是 Flink REST 地址,例如 http://localhost:8081。`,
  'no-answer': ({ address, because }) => `${address} 上的 Flink 没有应答:${because}。`,
  'has-jobs': ({ name, jobs }) => `${name} 上还有 ${jobs} 个作业,先归档或迁走。`,
  'not-managed': ({ name }) => `${name} 不是由 Sluice 启动的,TaskManager 要在启动它的地方增加。`,
  'not-scaled': ({ name, because }) => `${name} 保持原样:${because}。`,
  'bad-home': ({ zh }) => zh,
  'bad-yarn': ({ zh }) => zh,
  'yarn-silent': ({ name, because }) => `集群 ${name} 没有登记,因为它没有应答:${because}。`,
  'in-use': ({ name }) => `${name} 正被集群或版本使用。`,
  'set-by-environment': ({ vendor }) =>
    `${vendor} 由服务器的环境变量设置。请在那里修改并重启,或先从那里去掉。`,
  'not-set-up': ({ vendor }) => `${vendor} 还没有设置。`,
  'not-open': ({ vendor }) => `${vendor} 没有打开。请先设置,或用检查看看哪里不对。`,
  'last-admin': () => '这是最后一位管理员,先指定另一位。',
  'beyond-own-rights': () => '只能授予自己拥有的权限,期限也不能更长。',
  'bad-days': () => '令牌有效期为 1 到 365 天。',
  'password-too-short': () => '密码太短,用一句话会很好记。',
  'not-grantable': () => '其中有只属于管理员的权限,不能放进角色。',
  'incident-closed': () => '这个故障已经结束。',
  'incident-stale': () => '情况有变化,请重新查看这个故障。',
  'incident-not-so': ({ why }) => INCIDENT_NOT_SO.zh[why] ?? why,
  'on-call-refused': ({ why }) => onCallRefused(why).zh,
  'bad-routing': ({ problems }) => `路由没有保存：${problems.map(routingProblem).join('；')}`,
  'no-page-built': () => '网页还没有构建,请运行 npm run build。',
  stopping: () => 'Sluice 正在停止,请稍后再试。',
  'our-fault': () => '我们这边出了问题。凭请求编号可在日志中找到原因。',
}

/** For a field whose text has characters or a form that is not taken. */
export const WRONG_FORM: Record<Language, string> = {
  en: 'has characters or a form that is not taken here',
  zh: '含有这里不接受的字符或格式',
}

const SENTENCES: Record<Language, Sentences> = { en: EN, zh: ZH }

const TITLES: Record<Language, Readonly<Record<number, string>>> = {
  en: {
    400: 'The request is not right',
    401: 'Not signed in',
    403: 'Not allowed',
    404: 'Not found',
    405: 'Not possible here',
    409: 'Not possible now',
    413: 'Too large',
    415: 'Wrong type of body',
    421: 'Not this address',
    429: 'Too many attempts',
    500: 'Our fault',
    503: 'Not ready',
  },
  zh: {
    400: '请求有误',
    401: '未登录',
    403: '没有权限',
    404: '没有找到',
    405: '不支持的方法',
    409: '现在不能这样做',
    413: '太大',
    415: '请求体类型不对',
    421: '地址不对',
    429: '尝试太多',
    500: '我们的问题',
    503: '尚未就绪',
  },
}

const THINGS: Record<Language, Readonly<Record<Thing, string>>> = {
  en: {
    job: 'job',
    release: 'release',
    operation: 'operation',
    cluster: 'cluster',
    'flink-version': 'Flink version',
    team: 'team',
    member: 'member',
    role: 'role',
    environment: 'environment',
    token: 'token',
    incident: 'incident',
    chat: 'chat',
    card: 'card',
    work: 'work',
    vendor: 'chat platform',
    'chat-test': 'test card',
    schedule: 'on-call schedule',
    override: 'override',
    source: 'alert source',
    rule: 'alert rule',
    digest: 'summary',
    window: 'maintenance window',
    silence: 'silence',
  },
  zh: {
    job: '作业',
    release: '版本',
    operation: '操作',
    cluster: '集群',
    'flink-version': 'Flink 版本',
    team: '团队',
    member: '成员',
    role: '角色',
    environment: '环境',
    token: '令牌',
    incident: '故障',
    chat: '会话',
    card: '卡片',
    work: '任务',
    vendor: '聊天平台',
    'chat-test': '测试卡片',
    schedule: '值班表',
    override: '替班',
    source: '告警来源',
    rule: '告警规则',
    digest: '日报',
    window: '维护窗口',
    silence: '静默',
  },
}

function fields(issues: readonly { path: string; message: string }[]): string {
  return issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
}

/** A narrow token is widened by its owner, not by asking somebody else. */
function helps(because: Because): boolean {
  return because.why !== 'token-scope'
}

function whoCanEn(people: readonly { displayName: string }[]): string {
  if (people.length === 0) return ''
  return `${people.map((person) => person.displayName).join(', ')} can.`
}

function whoCanZh(people: readonly { displayName: string }[]): string {
  return people.length === 0 ? '' : `可以请 ${people.map((person) => person.displayName).join('、')} 处理。`
}

function becauseEn(because: Because): string {
  switch (because.why) {
    case 'disabled':
      return 'You are disabled here.'
    case 'not-in-team':
      return `You are not in team ${because.team}.`
    case 'role-lacks':
      return `As ${because.role}${because.team ? ` of team ${because.team}` : ''} you do not have the right ${because.verb}.`
    case 'admins-only':
      return 'This is for admins.'
    case 'token-scope':
      return `This token does not reach ${because.verb} here.`
    default:
      return never(because)
  }
}

function becauseZh(because: Because): string {
  switch (because.why) {
    case 'disabled':
      return '你的账号已停用。'
    case 'not-in-team':
      return `你不在团队 ${because.team} 中。`
    case 'role-lacks':
      return `你在${because.team ? `团队 ${because.team} ` : ''}的角色 ${because.role} 没有 ${because.verb} 权限。`
    case 'admins-only':
      return '只有管理员可以。'
    case 'token-scope':
      return `这个令牌的范围不包括此处的 ${because.verb}。`
    default:
      return never(because)
  }
}

function near(names: readonly string[], language: Language): string {
  if (names.length === 0) return ''
  return language === 'en' ? ` Did you mean ${names.join(' or ')}?` : `是不是 ${names.join(' 或 ')}?`
}

function jobRefusalEn(job: string, why: JobRefusal): string {
  switch (why.of) {
    case 'name-taken':
      return `There is a job ${job} already.`
    case 'bad-name':
      return EN['bad-name']({ name: job })
    case 'unknown-team':
      return 'There is no such team.'
    case 'unknown-cluster':
      return `There is no such cluster.${near(why.near, 'en')}`
    case 'unknown-artifact':
      return 'There is no artifact with this digest. Upload the JAR first: POST /api/v1/artifacts.'
    case 'no-program':
      return 'A first release needs a program: a JAR or a SQL script.'
    case 'bad-sql':
      return `Line ${why.line}, column ${why.column}: ${why.because}`
    case 'bad-parallelism':
      return 'Parallelism is a whole number from 1 to 32768.'
    case 'unknown-flink-version':
      return `There is no such Flink version.${near(why.near, 'en')}`
    case 'not-compiled':
      return `Flink cannot compile it: ${why.because}`
    case 'not-stopped':
      return `${job} is not stopped. Stop it first.`
    case 'archived':
      return `${job} is archived.`
    default:
      return never(why)
  }
}

function jobRefusalZh(job: string, why: JobRefusal): string {
  switch (why.of) {
    case 'name-taken':
      return `已有名为 ${job} 的作业。`
    case 'bad-name':
      return ZH['bad-name']({ name: job })
    case 'unknown-team':
      return '没有这个团队。'
    case 'unknown-cluster':
      return `没有这个集群。${near(why.near, 'zh')}`
    case 'unknown-artifact':
      return '没有这个 digest 的文件。先上传 JAR:POST /api/v1/artifacts。'
    case 'no-program':
      return '第一个版本需要程序:JAR 或 SQL 脚本。'
    case 'bad-sql':
      return `第 ${why.line} 行第 ${why.column} 列:${why.because}`
    case 'bad-parallelism':
      return '并行度应为 1 到 32768 的整数。'
    case 'unknown-flink-version':
      return `没有这个 Flink 版本。${near(why.near, 'zh')}`
    case 'not-compiled':
      return `Flink 无法编译:${why.because}`
    case 'not-stopped':
      return `${job} 还没有停止,先停止它。`
    case 'archived':
      return `${job} 已归档。`
    default:
      return never(why)
  }
}

function refusalEn(job: string, why: RequestRefusal): string {
  switch (why.of) {
    case 'no-release':
      return `${job} has no release yet. Make one first.`
    case 'unknown-release':
      return `${job} has no release ${why.asked}; the newest is ${why.newest}.`
    case 'no-former-release':
      return `${job} has no former release to go back to.`
    case 'already-runs':
      return `${job} already runs, on release ${why.release}.`
    case 'not-running':
      return `${job} is not running; it is ${why.state}.`
    case 'archived':
      return `${job} is archived.`
    case 'unknown-savepoint':
      return `${job} has no savepoint "${why.asked}".`
    case 'savepoint-gone':
      return `The savepoint is no longer at ${why.path}.`
    case 'state-not-readable':
      return `Release ${why.reader} cannot read the state${why.writer === null ? '' : ` of release ${why.writer}`}: ${why.because}. ${job} stays as it is.`
    case 'same-release':
      return `${job} is on release ${why.release} already.`
    case 'same-parallelism':
      return `${job} has parallelism ${why.parallelism} already.`
    case 'lost':
      return `Nobody knows whether ${job} still runs: ${why.because}. Nothing is started until that is known.`
    case 'force-needs-reason':
      return 'Force needs a reason.'
    case 'cluster-removed':
      return `The cluster of ${job} was removed.`
    case 'force-not-allowed':
      return 'Force is for those who have the right job:force.'
    case 'attempt-elsewhere':
      return `${job} runs already as Flink job ${why.flinkJobId}. Stop that first.`
    default:
      return never(why)
  }
}

function refusalZh(job: string, why: RequestRefusal): string {
  switch (why.of) {
    case 'no-release':
      return `${job} 还没有版本,先建一个。`
    case 'unknown-release':
      return `${job} 没有版本 ${why.asked},最新是 ${why.newest}。`
    case 'no-former-release':
      return `${job} 没有可以回滚的上一个版本。`
    case 'already-runs':
      return `${job} 已在运行,版本 ${why.release}。`
    case 'not-running':
      return `${job} 没有运行,当前状态:${why.state}。`
    case 'archived':
      return `${job} 已归档。`
    case 'unknown-savepoint':
      return `${job} 没有 savepoint“${why.asked}”。`
    case 'savepoint-gone':
      return `savepoint 已不在 ${why.path}。`
    case 'state-not-readable':
      return `版本 ${why.reader} 读不了${why.writer === null ? '现有' : `版本 ${why.writer} 的`}状态:${why.because}。${job} 保持原样。`
    case 'same-release':
      return `${job} 已经是版本 ${why.release}。`
    case 'same-parallelism':
      return `${job} 的并行度已经是 ${why.parallelism}。`
    case 'lost':
      return `还不能确定 ${job} 是否在运行:${why.because}。确定之前不会启动任何东西。`
    case 'force-needs-reason':
      return '强制执行需要写明原因。'
    case 'cluster-removed':
      return `${job} 的集群已被移除。`
    case 'force-not-allowed':
      return '强制执行需要 job:force 权限。'
    case 'attempt-elsewhere':
      return `${job} 已作为 Flink 作业 ${why.flinkJobId} 在运行,先停止它。`
    default:
      return never(why)
  }
}

const INCIDENT_NOT_SO: Readonly<Record<'en' | 'zh', Readonly<Record<string, string>>>> = {
  en: {
    'not-acknowledged': 'Nobody has acknowledged it.',
    'nobody-left': 'There is nobody left to tell.',
    'bad-time': 'Give a time within the next 7 days.',
    'unknown-member': 'There is no such member.',
  },
  zh: {
    'not-acknowledged': '还没有人认领。',
    'nobody-left': '没有可以通知的人了。',
    'bad-time': '请给出 7 天之内的时间。',
    'unknown-member': '没有这个成员。',
  },
}

function onCallRefused(why: OnCallRefusal): { en: string; zh: string } {
  switch (why.of) {
    case 'unknown-team':
      return { en: 'There is no such team.', zh: '没有这个团队。' }
    case 'bad-span':
      return {
        en: 'The span ends before it begins, is past, or is longer than 400 days.',
        zh: '时间段的结束早于开始、已经过去，或超过 400 天。',
      }
    case 'stale':
      return {
        en: 'Somebody changed the schedule meanwhile. Read it again.',
        zh: '值班表刚被别人修改过，请重新读取。',
      }
    case 'not-on-duty':
      return {
        en: `${why.member} is not on call for the whole of that span.`,
        zh: `这段时间并不都由 ${why.member} 值班。`,
      }
    case 'bad-calendar':
      return {
        en: 'That is not a calendar that can be read: iCalendar text with at most 2,000 shifts.',
        zh: '读不懂这份日历：需要 iCalendar 文本，最多 2000 个班次。',
      }
    case 'unknown-calendar':
      return {
        en: `There is no calendar ${why.calendar}. There are: ${why.known.join(', ')}.`,
        zh: `没有名为 ${why.calendar} 的日历。现有：${why.known.join('、')}。`,
      }
    case 'not-in-team':
      return { en: `${why.member} is not in the team.`, zh: `${why.member} 不在这个团队。` }
    default:
      return { en: 'That is not possible now.', zh: '现在不能这样做。' }
  }
}

/** Line and place first: that is where people look. The rest is in the words of the field, which is English. */
function routingProblem({ line, path, because }: RoutingProblem): string {
  return [line === null ? '' : `line ${line}`, path, because].filter((part) => part !== '').join(': ')
}
