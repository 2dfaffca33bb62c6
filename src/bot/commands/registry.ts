import type { Command } from './command.ts'
import { help } from './help.ts'
import { jobCancel } from './job-cancel.ts'
import { jobList } from './job-list.ts'
import { jobRestart } from './job-restart.ts'
import { jobRollback } from './job-rollback.ts'
import { jobSavepoint } from './job-savepoint.ts'
import { jobScale } from './job-scale.ts'
import { jobShow } from './job-show.ts'
import { jobStart } from './job-start.ts'
import { jobStop } from './job-stop.ts'

/** Every command, in the order help shows them. */
export const COMMANDS: readonly Command[] = [
  jobList,
  jobShow,
  jobStart,
  jobStop,
  jobRestart,
  jobRollback,
  jobSavepoint,
  jobScale,
  jobCancel,
  help,
]
