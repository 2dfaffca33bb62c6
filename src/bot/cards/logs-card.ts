import type { Job, LogPage, LogQuery } from '../../platform/platform.ts'
import type { Voice } from '../texts/voice.ts'
import { card, sandboxFooter, says, text, to } from './build.ts'
import type { Block, Card } from './card.ts'

export interface LogsView {
  job: Job
  pages: readonly LogPage[]
  query: LogQuery
  /** The command for the lines before these. */
  older: string
}

/** The tail of each log, newest lines last, with the way to what came before. */
export function logsCard({ job, pages, query, older }: LogsView, voice: Voice): Card {
  const { t } = voice
  const full = pages.filter(({ lines }) => lines.length > 0)
  const title =
    full.length > 0
      ? t.logs.title(job.name)
      : query.grep === null
        ? t.logs.empty(job.name)
        : t.logs.emptyFiltered(job.name, query.grep)
  const blocks = full.flatMap(({ source, lines, more }): Block[] => [
    text(source),
    { is: 'code', text: lines.join('\n'), rest: more },
  ])
  return card('neutral', title, {
    subtitle: query.grep === null || full.length === 0 ? [] : [t.logs.filtered(query.grep)],
    body: blocks,
    buttons: [
      ...(full.some(({ more }) => more > 0) ? [says(t.button.older, older)] : []),
      says(t.button.show, to('job show', job.name)),
    ],
    footer: sandboxFooter(voice, job.cluster.sandbox),
  })
}
