import type { Language } from '../platform/platform.ts'
import { extensions, type Problem } from './problem.ts'
import { sentence, title } from './texts.ts'

/** The body of an answer of RFC 9457, in the reader's language. */
export function problemBody(
  problem: Problem,
  { language, requestId }: { language: Language; requestId: string },
) {
  return {
    type: `urn:sluice:problem:${problem.kind}`,
    title: title(problem.status, language),
    status: problem.status,
    detail: sentence(problem, language),
    requestId,
    ...extensions(problem),
  }
}
