import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What the parts of Sluice tell Prometheus, in their own words; they are handed the functions they need. */
export interface Metrics {
  /** `outcome`: done, refused, unknown-command, our-fault … */
  commandAnswered(told: { command: string; outcome: string; seconds: number }): void
  operationEnded(told: { verb: string; outcome: string; seconds: number }): void
  clusterPolled(told: { cluster: string; reached: boolean; seconds: number }): void
  clusterRequested(told: { cluster: string }): void
  httpAnswered(told: { route: string; method: string; status: number; seconds: number }): void
  liveConnections(open: number): void
  /** `result`: accepted, limited, unreached …; `code`: the vendor's own. */
  chatCalled(told: { vendor: string; result: string; code: string; seconds: number }): void
  /** From when a card was to be shown until the vendor took it. */
  delivered(told: { vendor: string; urgent: boolean; seconds: number }): void
  /** Asked at every scrape. */
  chatsFrom(read: ChatsNow): void
  /** Asked at every scrape. */
  queueFrom(read: () => Promise<readonly QueueDepth[]>): void
  contentType: string
  text(): Promise<string>
}

export interface ChatsNow {
  depth(): Promise<readonly { vendor: string; waiting: number; dead: number; oldestMs: number | null }[]>
  vendors(): readonly { vendor: string; connection: { is: string } }[]
}

export interface QueueDepth {
  kind: string
  waiting: number
  running: number
  oldestMs: number | null
}

const ANSWER_BUCKETS = [0.005, 0.01, 0.02, 0.04, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30]
const DELIVERY_BUCKETS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 600, 3600]
const OPERATION_BUCKETS = [1, 2, 5, 10, 20, 40, 60, 120, 300, 600, 1800]

export function createMetrics({ processMetrics = true } = {}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  if (processMetrics) collectDefaultMetrics({ register: registry })
  const commands = new Histogram({
    name: 'sluice_command_seconds',
    help: 'From hearing a command to its first card',
    labelNames: ['command', 'outcome'],
    buckets: ANSWER_BUCKETS,
    registers,
  })
  const operations = new Histogram({
    name: 'sluice_operation_seconds',
    help: 'From asking for an operation to its end',
    labelNames: ['verb', 'outcome'],
    buckets: OPERATION_BUCKETS,
    registers,
  })
  const polls = new Histogram({
    name: 'sluice_cluster_poll_seconds',
    help: 'One look at everything on a cluster',
    labelNames: ['cluster', 'reached'],
    buckets: ANSWER_BUCKETS,
    registers,
  })
  const requests = new Counter({
    name: 'sluice_cluster_requests_total',
    help: 'Requests sent to a cluster by watching',
    labelNames: ['cluster'],
    registers,
  })
  const http = new Histogram({
    name: 'sluice_http_seconds',
    help: 'HTTP answers by declared route',
    labelNames: ['route', 'method', 'status'],
    buckets: ANSWER_BUCKETS,
    registers,
  })
  const live = new Gauge({ name: 'sluice_live_connections', help: 'Pages that follow a chat now', registers })
  const calls = new Histogram({
    name: 'sluice_chat_call_seconds',
    help: 'Calls to chats by what came of them and the code of the chat',
    labelNames: ['vendor', 'result', 'code'],
    buckets: ANSWER_BUCKETS,
    registers,
  })
  const deliveries = new Histogram({
    name: 'sluice_delivery_seconds',
    help: 'From when a card was to be shown until the chat took it',
    labelNames: ['vendor', 'urgent'],
    buckets: DELIVERY_BUCKETS,
    registers,
  })
  const chats = chatGauges(registers)
  const queue = queueGauges(registers)

  return {
    commandAnswered: ({ command, outcome, seconds }) => commands.observe({ command, outcome }, seconds),
    operationEnded: ({ verb, outcome, seconds }) => operations.observe({ verb, outcome }, seconds),
    clusterPolled: ({ cluster, reached, seconds }) =>
      polls.observe({ cluster, reached: String(reached) }, seconds),
    clusterRequested: ({ cluster }) => requests.inc({ cluster }),
    httpAnswered: ({ route, method, status, seconds }) => http.observe({ route, method, status }, seconds),
    liveConnections: (open) => live.set(open),
    chatCalled: ({ seconds, ...labels }) => calls.observe(labels, seconds),
    delivered: ({ vendor, urgent, seconds }) =>
      deliveries.observe({ vendor, urgent: String(urgent) }, seconds),
    chatsFrom: (read) => chats.readFrom(read),
    queueFrom: (read) => queue.readFrom(read),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  }
}

function chatGauges(registers: Registry[]) {
  let now: ChatsNow = { depth: async () => [], vendors: () => [] }
  new Gauge({
    name: 'sluice_deliveries',
    help: 'Cards on their way to chats, and those that were given up',
    labelNames: ['vendor', 'state'],
    registers,
    async collect() {
      const depths = await now.depth().catch(() => null)
      if (depths) this.reset()
      for (const { vendor, waiting, dead } of depths ?? []) {
        this.set({ vendor, state: 'waiting' }, waiting)
        this.set({ vendor, state: 'dead' }, dead)
      }
    },
  })
  new Gauge({
    name: 'sluice_chat_connected',
    help: 'Whether what is said in a chat reaches us: 1 or 0',
    labelNames: ['vendor'],
    registers,
    collect() {
      this.reset()
      for (const { vendor, connection } of now.vendors()) {
        const isDeaf = connection.is === 'connecting' || connection.is === 'stopped'
        this.set({ vendor }, isDeaf ? 0 : 1)
      }
    },
  })
  return {
    readFrom(next: ChatsNow) {
      now = next
    },
  }
}

function queueGauges(registers: Registry[]) {
  let read: () => Promise<readonly QueueDepth[]> = async () => []
  let looking: Promise<readonly QueueDepth[] | null> | null = null

  /** One look serves both gauges of a scrape. A database that is silent must not take the other figures along. */
  function look(): Promise<readonly QueueDepth[] | null> {
    looking ??= read()
      .catch(() => null)
      .finally(() => {
        looking = null
      })
    return looking
  }

  new Gauge({
    name: 'sluice_queue_oldest_seconds',
    help: 'How long the oldest waiting work has waited',
    labelNames: ['kind'],
    registers,
    async collect() {
      const depths = await look()
      if (depths) this.reset()
      for (const { kind, oldestMs } of depths ?? []) this.set({ kind }, (oldestMs ?? 0) / 1000)
    },
  })
  new Gauge({
    name: 'sluice_queue_depth',
    help: 'Work by kind, waiting or running',
    labelNames: ['kind', 'state'],
    registers,
    async collect() {
      const depths = await look()
      if (depths) this.reset()
      for (const { kind, waiting, running } of depths ?? []) {
        this.set({ kind, state: 'waiting' }, waiting)
        this.set({ kind, state: 'running' }, running)
      }
    },
  })
  return {
    readFrom(next: typeof read) {
      read = next
    },
  }
}
