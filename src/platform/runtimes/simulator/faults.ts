/** What can go wrong between Flink and us, on demand. */
export type Fault =
  /** Flink acts, and the connection breaks before its answer. */
  | { is: 'drop-answer' }
  /** The connection breaks before Flink has acted. */
  | { is: 'drop-request' }
  /** 503, nobody is in charge. */
  | { is: 'leader-election' }
  | { is: 'slow'; ms: number }
  /** Status 200 and a page of HTML. */
  | { is: 'garbage' }
  /** The JSON ends in the middle. */
  | { is: 'cut' }
  /** A body shorter than its content-length says. */
  | { is: 'wrong-length' }

export interface FaultPlan {
  /** Which requests: matched against `METHOD /path`. */
  on: RegExp
  fault: Fault
  /** How many requests suffer; without it, all until cleared. */
  times?: number
}

export interface Faults {
  add(plan: FaultPlan): void
  clear(): void
  /** The fault for this request, used up. */
  take(request: string): Fault | null
}

export function createFaults(): Faults {
  let plans: { on: RegExp; fault: Fault; left: number }[] = []
  return {
    add: ({ on, fault, times }) => void plans.push({ on, fault, left: times ?? Number.POSITIVE_INFINITY }),
    clear() {
      plans = []
    },
    take(request) {
      const plan = plans.find((plan) => plan.on.test(request))
      if (!plan) return null
      plan.left--
      plans = plans.filter((plan) => plan.left > 0)
      return plan.fault
    },
  }
}
