import { alertRouteRoutes } from './alert-routes.http.ts'
import { alertRuleRoutes } from './alert-rules.http.ts'
import { artifactRoutes } from './artifacts.http.ts'
import { chatRoutes } from './chat.http.ts'
import { clusterRoutes } from './clusters.http.ts'
import { digestRoutes } from './digests.http.ts'
import { flinkVersionRoutes } from './flink-versions.http.ts'
import { incidentRoutes } from './incidents.http.ts'
import { jobRoutes } from './jobs.http.ts'
import { maintenanceRoutes } from './maintenance.http.ts'
import { onCallRoutes } from './on-call.http.ts'
import { operationRoutes } from './operations.http.ts'
import { peopleRoutes } from './people.http.ts'
import type { Route } from './route.ts'
import { sessionRoutes } from './session.http.ts'
import { setupRoutes } from './setups.http.ts'
import { upkeepRoutes } from './upkeep.http.ts'

export const API_PREFIX = '/api/v1'

/** Everything that the API offers. */
export const apiRoutes: readonly Route[] = [
  ...sessionRoutes,
  ...chatRoutes,
  ...jobRoutes,
  ...artifactRoutes,
  ...operationRoutes,
  ...clusterRoutes,
  ...flinkVersionRoutes,
  ...peopleRoutes,
  ...setupRoutes,
  ...incidentRoutes,
  ...onCallRoutes,
  ...alertRouteRoutes,
  ...alertRuleRoutes,
  ...maintenanceRoutes,
  ...digestRoutes,
  ...upkeepRoutes,
]
