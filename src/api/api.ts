import { chatRoutes } from './chat.http.ts'
import type { Route } from './route.ts'
import { sessionRoutes } from './session.http.ts'

export const API_PREFIX = '/api/v1'

/** Everything that the API offers. */
export const apiRoutes: readonly Route[] = [...sessionRoutes, ...chatRoutes]
