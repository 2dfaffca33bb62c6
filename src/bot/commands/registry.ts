import { ask } from './ask.ts'
import { audit } from './audit.ts'
import { chatBind, chatSet, chatShow, chatUnbind } from './chat.ts'
import { clusterAdd } from './cluster-add.ts'
import { clusterAddYarn } from './cluster-add-yarn.ts'
import { clusterList } from './cluster-list.ts'
import { clusterRemove } from './cluster-remove.ts'
import { clusterScale } from './cluster-scale.ts'
import { clusterShow } from './cluster-show.ts'
import type { Command } from './command.ts'
import { approve, reject } from './decide.ts'
import { deliveryList, deliveryRetry } from './delivery.ts'
import { digestAt, digestNow, digestShow } from './digest.ts'
import { flinkAdd, flinkList, flinkRemove } from './flink.ts'
import { help } from './help.ts'
import { incidentAck, incidentShow } from './incident-ack.ts'
import { incidentAckAll } from './incident-ack-all.ts'
import {
  incidentAssign,
  incidentEscalate,
  incidentMerge,
  incidentNew,
  incidentNote,
  incidentResolve,
  incidentSnooze,
  incidentStill,
  incidentTier,
  incidentUnack,
} from './incident-life.ts'
import { incidentList } from './incident-list.ts'
import { incidentPostmortem } from './incident-postmortem.ts'
import { incidentTimeline } from './incident-timeline.ts'
import { jobAdopt } from './job-adopt.ts'
import { jobArchive } from './job-archive.ts'
import { jobCancel } from './job-cancel.ts'
import { jobCreate } from './job-create.ts'
import { jobDiff } from './job-diff.ts'
import { jobHistory, jobSavepoints } from './job-history.ts'
import { jobImportance } from './job-importance.ts'
import { jobList } from './job-list.ts'
import { jobLogs } from './job-logs.ts'
import { jobPolicy } from './job-policy.ts'
import { jobRelease } from './job-release.ts'
import { jobRestart } from './job-restart.ts'
import { jobRollback } from './job-rollback.ts'
import { jobSavepoint } from './job-savepoint.ts'
import { jobScale } from './job-scale.ts'
import { jobShow } from './job-show.ts'
import { jobStart } from './job-start.ts'
import { jobStop } from './job-stop.ts'
import { lang } from './lang.ts'
import { link } from './link.ts'
import { maintenanceAdd, maintenanceList, maintenanceRemove } from './maintenance.ts'
import { me } from './me.ts'
import { memberAdd, memberDisable, memberEnable, memberList } from './member.ts'
import { memberImport } from './member-import.ts'
import {
  oncall,
  oncallAway,
  oncallMine,
  oncallMonth,
  oncallOverride,
  oncallShow,
  oncallSwap,
  oncallSwapAgree,
  oncallSwapRefuse,
} from './oncall.ts'
import { opCancel } from './op-cancel.ts'
import { opList } from './op-list.ts'
import { opShow } from './op-show.ts'
import { page } from './page.ts'
import { routeTest } from './route-test.ts'
import { ruleLimit, ruleList, ruleOff, ruleReset } from './rule.ts'
import { setup } from './setup.ts'
import { silence, silenceEnd, silenceExtend, silenceIncident, silenceList } from './silence.ts'
import { teamAdd, teamCreate, teamDrop, teamList, teamShow } from './team.ts'
import { tokenCreate, tokenList, tokenRevoke } from './token.ts'
import { workList, workReplay } from './work.ts'

/** Every command, in the order help shows them. */
export const COMMANDS: readonly Command[] = [
  jobList,
  jobShow,
  jobCreate,
  jobRelease,
  jobDiff,
  jobStart,
  jobStop,
  jobRestart,
  jobRollback,
  jobSavepoint,
  jobScale,
  jobCancel,
  jobHistory,
  jobSavepoints,
  jobLogs,
  jobPolicy,
  jobImportance,
  jobAdopt,
  jobArchive,
  opList,
  opShow,
  opCancel,
  approve,
  reject,
  incidentList,
  incidentShow,
  incidentAck,
  incidentAckAll,
  incidentUnack,
  incidentStill,
  incidentEscalate,
  incidentSnooze,
  incidentNote,
  incidentAssign,
  incidentTier,
  incidentResolve,
  incidentMerge,
  incidentNew,
  incidentTimeline,
  incidentPostmortem,
  silence,
  silenceIncident,
  silenceList,
  maintenanceList,
  maintenanceAdd,
  maintenanceRemove,
  silenceEnd,
  silenceExtend,
  routeTest,
  digestNow,
  digestShow,
  digestAt,
  ruleList,
  ruleLimit,
  ruleOff,
  ruleReset,
  oncall,
  oncallMine,
  oncallShow,
  oncallMonth,
  oncallOverride,
  oncallSwap,
  oncallSwapAgree,
  oncallSwapRefuse,
  oncallAway,
  clusterList,
  clusterShow,
  clusterAdd,
  clusterAddYarn,
  clusterRemove,
  clusterScale,
  flinkList,
  flinkAdd,
  flinkRemove,
  teamList,
  teamShow,
  teamCreate,
  teamAdd,
  teamDrop,
  chatShow,
  chatBind,
  chatUnbind,
  chatSet,
  memberList,
  memberAdd,
  memberDisable,
  memberEnable,
  memberImport,
  page,
  help,
  me,
  link,
  lang,
  tokenList,
  tokenCreate,
  tokenRevoke,
  audit,
  workList,
  workReplay,
  deliveryList,
  deliveryRetry,
  setup,
  ask,
]
