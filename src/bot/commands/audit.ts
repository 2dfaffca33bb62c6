import type { Subject } from '../../platform/platform.ts'
import { card, says } from '../cards/build.ts'
import { write } from '../grammar/parse.ts'
import { cursorArg, jobArg, nameArg, optional, textArg } from './args.ts'
import { type Command, command, type MemberTurn, type Target } from './command.ts'
import { findTeam, jobSubject, platformSubject } from './find.ts'

interface Asked {
  job: string | null
  team: string | null
}

/** The audit of a job or a team is its team's to read; all of it is the platform's. */
async function findAudited(turn: MemberTurn, { job, team }: Asked): Promise<Target<null>> {
  if (job !== null) {
    const found = await turn.platform.jobs.find(job)
    if (found.ok) return { ok: true, subject: jobSubject(found.value), found: null }
    return { ok: false, unknown: { arg: 'job', title: turn.voice.t.say.unknownJob(job), near: found.near } }
  }
  if (team === null) return { ok: true, subject: platformSubject('audit'), found: null }
  const found = await findTeam(turn, { team })
  return found.ok ? { ok: true, subject: found.subject satisfies Subject, found: null } : found
}

export const audit: Command = command({
  name: ['audit'],
  zh: ['审计'],
  aliases: [['审计', '记录']],
  group: 'sluice',
  summary: { zh: '谁在什么时候做了什么', en: 'who did what, when' },
  examples: ['/audit', '/audit job orders-cdc', '/audit member=lin verb=job:stop', '/审计 作业=orders-cdc'],
  needs: 'audit:view',
  args: {
    job: optional(jobArg({ place: 'named', words: ['job', '作业'] })),
    member: optional(
      nameArg('member', { zh: '成员', en: 'member' }, { place: 'named', words: ['member', '成员'] }),
    ),
    team: optional(
      nameArg('team', { zh: '团队', en: 'team' }, { place: 'named', words: ['team', '团队'], ofChat: true }),
    ),
    verb: optional(textArg({ zh: '权限', en: 'verb' }, { names: ['权限'] })),
    cursor: cursorArg,
  },
  find: findAudited,
  async run({ platform, voice }, { args: { job, member, team, verb, cursor }, permit }) {
    const { t, f } = voice
    const page = await platform.audit.list(permit, {
      ...(job !== null && { job }),
      ...(member !== null && { member }),
      ...(team !== null && { team }),
      ...(verb !== null && { verb }),
      cursor,
      limit: 20,
    })
    if (page.items.length === 0) return { card: card('neutral', t.audit.none) }
    const rows = page.items.map(({ at, actor, verb, subject, decision, via, requestId }) => [
      f.when(at),
      actor,
      verb,
      subject,
      decision,
      via,
      requestId,
    ])
    const columns = [
      t.label.when,
      t.label.by,
      t.label.what,
      t.label.job,
      t.label.decision,
      t.label.via,
      t.label.id,
    ]
    const asked = { job: job ?? '', member: member ?? '', team: team ?? '', verb: verb ?? '' }
    const more = page.next === null ? null : write(audit, { ...asked, cursor: page.next })
    return {
      card: card('neutral', t.audit.title, {
        body: [{ is: 'table', columns, rows }],
        buttons: more === null ? [] : [says(t.button.next, more)],
      }),
      private: true,
    }
  },
})
