import { seededName, seededRuns } from './seed.ts'

/** What people type, mixed; the same list every time. `/job stop` meets jobs that do not run, and is refused. */
export function commandTexts(
  world: { jobs: number; clusters: number; running: number },
  count: number,
): string[] {
  const random = sequence(7)
  const anyJob = () => seededName(random() % world.jobs)
  const stopped = () => {
    for (;;) {
      const job = random() % world.jobs
      if (!seededRuns(job, world)) return seededName(job)
    }
  }
  const kinds = [
    () => '/job list',
    () => `/job show ${anyJob()}`,
    () => `/job history ${anyJob()}`,
    () => '/help',
    () => `/job stop ${stopped()}`,
  ]
  return Array.from({ length: count }, (_, n) => kinds[n % kinds.length]?.() ?? '')
}

/** Numbers without order, the same every time. */
export function sequence(begin: number): () => number {
  let state = begin
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 8
  }
}
