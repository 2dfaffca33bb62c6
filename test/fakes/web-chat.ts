/** The conversation of the page's own server: a few commands, cards that go on, an approval. */
import type { ChatPage, ShownBlock, ShownButton, ShownCard, Tone, Utterance } from '../../web/wire.ts'

interface Draft {
  tone: Tone
  title: string
  subtitle?: readonly string[]
  body?: readonly ShownBlock[]
  buttons?: readonly ShownButton[]
  footer?: readonly string[]
}

type Stored = { is: 'card'; card: ShownCard } | { is: 'said'; by: string; said: Omit<Utterance, 'mine'> }

/** Everything said and shown in one chat, by growing position. */
export class FakeChat {
  readonly name: string
  #seq = 1000
  #count = 0
  #stored: Stored[] = []
  #heard: (entry: Stored) => void
  #now: () => number

  constructor(name: string, given: { now: () => number; heard: (entry: Stored) => void }) {
    this.name = name
    this.#now = given.now
    this.#heard = given.heard
  }

  say(by: string, speaker: string, text: string): void {
    this.#keep({ is: 'said', by, said: { seq: this.#next(), speaker, text, at: this.#time() } })
  }

  show(draft: Draft): ShownCard {
    this.#count += 1
    const card = shown({ id: `crd_${this.name}_${this.#count}`, version: 1, createdAt: this.#time() }, draft)
    return this.#put(card)
  }

  edit(id: string, draft: Draft): ShownCard {
    const former = this.card(id)
    if (!former) throw new Error(`No card ${id}`)
    return this.#put(shown({ id, version: former.version + 1, createdAt: former.createdAt }, draft))
  }

  card(id: string): ShownCard | null {
    for (const entry of this.#stored) if (entry.is === 'card' && entry.card.id === id) return entry.card
    return null
  }

  after(seq: number, member: string): ChatPage {
    return this.#page(
      this.#stored.filter((entry) => seqOf(entry) > seq),
      member,
      null,
    )
  }

  before(seq: number, limit: number, member: string): ChatPage {
    const older = this.#stored.filter((entry) => seqOf(entry) < seq)
    const page = older.slice(-limit)
    const first = page[0]
    return this.#page(page, member, older.length > page.length && first ? String(seqOf(first)) : null)
  }

  get newest(): string {
    return String(this.#seq)
  }

  #put(card: Omit<ShownCard, 'seq' | 'chat' | 'updatedAt'>): ShownCard {
    const whole: ShownCard = { ...card, chat: `web:${this.name}`, seq: this.#next(), updatedAt: this.#time() }
    this.#stored = this.#stored.filter((entry) => entry.is !== 'card' || entry.card.id !== card.id)
    this.#keep({ is: 'card', card: whole })
    return whole
  }

  #keep(entry: Stored): void {
    this.#stored.push(entry)
    this.#heard(entry)
  }

  #page(entries: readonly Stored[], member: string, next: string | null): ChatPage {
    return {
      cards: entries.flatMap((entry) => (entry.is === 'card' ? [entry.card] : [])),
      utterances: entries.flatMap((entry) =>
        entry.is === 'said' ? [{ ...entry.said, mine: entry.by === member }] : [],
      ),
      next,
    }
  }

  #next(): string {
    this.#seq += 1
    return String(this.#seq)
  }

  #time(): string {
    return new Date(this.#now()).toISOString()
  }
}

export type { Stored }

const seqOf = (entry: Stored) => Number(entry.is === 'card' ? entry.card.seq : entry.said.seq)

function shown(
  of: { id: string; version: number; createdAt: string },
  draft: Draft,
): Omit<ShownCard, 'seq' | 'chat' | 'updatedAt'> {
  const { buttons = [], subtitle = [], body = [], footer = [], tone, title } = draft
  return {
    ...of,
    subject: null,
    onlyFor: null,
    language: /[\u4e00-\u9fff]/.test(title) ? 'zh' : 'en',
    text: title,
    card: { tone, title, subtitle, body, footer },
    buttons,
  }
}

const button = (label: string, press: string, style: ShownButton['style'] = 'plain'): ShownButton => ({
  label,
  style,
  press,
})

type Words = 'zh' | 'en'
const pick = (language: Words, zh: string, en: string) => (language === 'zh' ? zh : en)

export function restarting(language: Words, job: string, by: string, done: number): Draft {
  return {
    tone: 'progress',
    title: pick(language, `${job} 正在重启`, `${job} is restarting`),
    subtitle: [
      pick(language, '生产 / 数据组', 'prod / team data'),
      pick(language, `${by} 发起`, `asked by ${by}`),
    ],
    body: [
      {
        is: 'text',
        text: pick(
          language,
          '版本 12 · 先做 savepoint 再启动 · 通常约 40 秒',
          'Release 12 · from the savepoint it takes now · usually 40 s',
        ),
      },
      {
        is: 'progress',
        label: pick(language, '做 savepoint 并停止（12 秒）', 'stopping with savepoint (12 s)'),
        done,
      },
    ],
    buttons: [button(pick(language, '取消', 'Cancel'), `cancel:${job}`)],
    footer: [pick(language, '请求 7f3a91c2', 'request 7f3a91c2')],
  }
}

export function runsAgain(language: Words, job: string): Draft {
  return {
    tone: 'good',
    title: pick(language, `${job} 已恢复运行（用时 41 秒）`, `${job} is running again (41 s)`),
    subtitle: [pick(language, '生产 / 数据组', 'prod / team data')],
    body: [
      {
        is: 'text',
        text: pick(
          language,
          '版本 12 · 从刚做的 savepoint 恢复，无需重放 · 8/8 个任务运行中',
          'Release 12 · from the savepoint just taken, nothing replayed · 8/8 tasks',
        ),
      },
    ],
    buttons: [
      button(pick(language, '查看', 'Show'), `show:${job}`),
      button(pick(language, '日志', 'Logs'), `logs:${job}`),
    ],
    footer: [pick(language, '请求 7f3a91c2', 'request 7f3a91c2')],
  }
}

export function failure(language: Words, job: string): Draft {
  return {
    tone: 'bad',
    title: pick(language, `${job} 停止运行：堆内存不足`, `${job} stopped: no room in the heap`),
    subtitle: [
      pick(language, '生产 / 数据组', 'prod / team data'),
      pick(language, '已中断 2 分钟', 'down 2 min'),
    ],
    body: [
      {
        is: 'text',
        text: pick(
          language,
          '原因：读取 orders_snapshot 时 TaskManager 内存溢出\n最近可用 checkpoint 02:11',
          'Cause: TaskManager out of memory while reading "orders_snapshot"\nLast good checkpoint 02:11',
        ),
      },
      {
        is: 'code',
        text: 'java.lang.OutOfMemoryError: Java heap space\n  at java.base/java.util.Arrays.copyOf(Arrays.java:3537)\n  at com.example.orders.SnapshotReader.readAll(SnapshotReader.java:88)',
        rest: 214,
      },
    ],
    buttons: [
      button(pick(language, '我来处理', 'Acknowledge'), `ack:${job}`, 'primary'),
      button(pick(language, '重启', 'Restart'), `restart:${job}`),
      button(pick(language, '回滚到 11', 'Roll back to 11'), `rollback:${job}`, 'danger'),
      button(pick(language, '日志', 'Logs'), `logs:${job}`),
    ],
    footer: [pick(language, '请求 51d0c3aa', 'request 51d0c3aa')],
  }
}

export function approval(language: Words, job: string, by: string): Draft {
  return {
    tone: 'warning',
    title: pick(language, `${by} 请求回滚 ${job}（生产）`, `${by} wants to roll back ${job} in prod`),
    subtitle: [pick(language, '14:17 过期', 'expires 14:17')],
    body: [
      {
        is: 'facts',
        facts: [
          { label: pick(language, '版本', 'Release'), value: '11', before: '12' },
          { label: 'limit.qps', value: '300', before: '500' },
          { label: 'Flink', value: '1.20.3' },
          {
            label: pick(language, '起点', 'Starts from'),
            value: pick(
              language,
              'savepoint 14:02（1 分钟前），约重放 1 分钟',
              'savepoint 14:02 (1 min old), replays about 1 min',
            ),
          },
          {
            label: pick(language, '原因', 'Reason'),
            value: pick(language, '13:50 起订单重复', 'duplicate orders since 13:50'),
          },
        ],
      },
    ],
    buttons: [
      button(pick(language, '批准', 'Approve'), `approve:${job}`, 'primary'),
      button(pick(language, '驳回', 'Reject'), `reject:${job}`, 'danger'),
      button(pick(language, '对比', 'Compare'), `compare:${job}`),
    ],
  }
}

export function jobList(language: Words): Draft {
  const rows = [
    ['orders-cdc', pick(language, '运行中', 'running'), '12', '41'],
    ['orders-wide', pick(language, '运行中', 'running'), '5', '8'],
    ['dm-orders', pick(language, '已失败', 'failed'), '9', '2'],
    ['clicks-raw', pick(language, '恢复中', 'recovering'), '3', '12'],
  ]
  return {
    tone: 'neutral',
    title: pick(language, '60 个作业，1 个失败，1 个失联', '60 jobs: 1 failed, 1 lost'),
    subtitle: [pick(language, '数据组、广告组、风控组', 'teams data, ads, risk')],
    body: [
      {
        is: 'table',
        columns: [
          pick(language, '作业', 'Job'),
          pick(language, '状态', 'State'),
          pick(language, '版本', 'Release'),
          pick(language, '时长（分）', 'For (min)'),
        ],
        rows: rows.map(([name = '', ...rest]) => [{ text: name, says: `/job show ${name}` }, ...rest]),
      },
    ],
    buttons: [button(pick(language, '下一页', 'Next page'), 'page:2')],
  }
}

export function asksJob(language: Words): Draft {
  return {
    tone: 'neutral',
    title: pick(language, '要回滚哪个作业？', 'Roll back which job?'),
    body: [
      {
        is: 'form',
        name: 'rollback',
        fields: [
          {
            name: 'job',
            label: pick(language, '作业', 'Job'),
            input: {
              is: 'select',
              choices: ['orders-cdc', 'orders-wide', 'dm-orders'].map((name) => ({
                value: name,
                label: name,
              })),
            },
            value: 'orders-cdc',
            required: true,
          },
          {
            name: 'to',
            label: pick(language, '回滚到版本', 'To release'),
            input: { is: 'number', min: 1, max: 12 },
            value: '11',
            required: true,
          },
          {
            name: 'reason',
            label: pick(language, '原因', 'Reason'),
            input: { is: 'text', placeholder: '', multiline: false },
            value: '',
            required: false,
          },
        ],
        submit: button(pick(language, '回滚', 'Roll back'), 'submit:rollback', 'primary'),
      },
    ],
  }
}

export function unknownCommand(language: Words, text: string): Draft {
  return {
    tone: 'warning',
    title: pick(language, `不认识“${text}”。`, `I don't know "${text}".`),
    body: [
      {
        is: 'text',
        text: pick(
          language,
          '是不是想说 `/job restart orders-cdc`？',
          'Did you mean `/job restart orders-cdc`?',
        ),
      },
    ],
    buttons: [button(pick(language, '是，重启', 'Yes, restart'), 'restart:orders-cdc', 'primary')],
  }
}

export function help(language: Words): Draft {
  return {
    tone: 'neutral',
    title: pick(language, '可以这样说', 'What you can say'),
    body: [
      {
        is: 'text',
        text: pick(
          language,
          '`/job list` 看作业\n`/job restart orders-cdc` 重启\n`/job rollback orders-cdc` 回滚\n`/cluster list` 看集群',
          '`/job list` shows the jobs\n`/job restart orders-cdc` restarts one\n`/job rollback orders-cdc` goes back\n`/cluster list` shows the clusters',
        ),
      },
    ],
  }
}
