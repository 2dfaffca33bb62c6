import type { EnvironmentView } from '../platform.ts'

/**
 * What a new Sluice begins with. `job:start` stands for the start of a release that has never run there: starting
 * what ran before needs nobody else, which the operations part knows.
 */
export const DEFAULT_ENVIRONMENTS: readonly EnvironmentView[] = [
  { name: 'preprod', title: { zh: '预发', en: 'Pre-production' }, approvals: [], expiresMin: 15 },
  {
    name: 'prod',
    title: { zh: '生产', en: 'Production' },
    approvals: ['job:start', 'job:stop', 'job:restart', 'job:rollback', 'job:scale', 'job:cancel'],
    expiresMin: 15,
  },
]
