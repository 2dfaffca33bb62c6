import { Agent, request } from 'undici'
import type { Hook } from './routing/current.ts'
import type { HookAnswer } from './telling.ts'

const WITHIN_MS = 10_000

export interface HookCaller {
  call(hook: Hook, body: string): Promise<HookAnswer>
  close(): Promise<void>
}

/**
 * Calls the webhooks that an admin named in the routing. Redirects are not followed: a program behind an address cannot
 * send us to another. What is told again and what never follows Alertmanager: a server's fault, "too many" and silence
 * may pass; other refusals stay.
 */
export function createHookCaller({ version }: { version: string }): HookCaller {
  const agent = new Agent({ connect: { timeout: WITHIN_MS } })
  return {
    async call({ url, authorization }, body) {
      try {
        const answer = await request(url, {
          method: 'POST',
          headers: {
            ...{ 'content-type': 'application/json', 'user-agent': `Sluice/${version}` },
            ...(authorization !== null && { authorization }),
          },
          body,
          dispatcher: agent,
          ...{ headersTimeout: WITHIN_MS, bodyTimeout: WITHIN_MS },
        })
        await answer.body.dump()
        return answerOf(answer.statusCode)
      } catch (error) {
        return { is: 'again', because: error instanceof Error ? error.message : String(error) }
      }
    },
    close: () => agent.close(),
  }
}

function answerOf(status: number): HookAnswer {
  if (status >= 200 && status < 300) return { is: 'taken' }
  const because = `it answered ${status}`
  return status >= 500 || status === 429 ? { is: 'again', because } : { is: 'never', because }
}
