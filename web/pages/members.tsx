import { get } from '../api.ts'
import { Chip, Empty, Loadable } from '../parts/basics.tsx'
import { PageHead, Pager, Rows } from '../parts/listing.tsx'
import { useLoad } from '../parts/use-load.ts'
import { query } from '../rules/routes.ts'
import { search } from '../state/address.ts'
import { texts } from '../state/reader.ts'
import type { MemberView, Paged, TeamView } from '../wire.ts'

export function MembersPage() {
  const t = texts.value.members
  const cursor = search.value.get('cursor')
  const members = useLoad(`members|${cursor}`, (signal) =>
    get<Paged<MemberView>>(`/members${query({ cursor })}`, { signal }),
  )
  return (
    <div class="page">
      <PageHead title={t.title} />
      <Loadable of={members}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty>{t.none}</Empty>
          ) : (
            <>
              <MemberRows members={page.items} />
              <Pager next={page.next} />
            </>
          )
        }
      </Loadable>
      <Teams />
    </div>
  )
}

function MemberRows({ members }: { members: readonly MemberView[] }) {
  const t = texts.value.members
  return (
    <Rows
      caption={t.title}
      rows={members}
      rowKey={(one) => one.id}
      columns={[
        {
          key: 'name',
          head: t.name,
          cell: (one) => (
            <>
              <strong>{one.displayName}</strong> <span class="faint">{one.name}</span>{' '}
              {one.isAdmin && (
                <Chip tone="progress" icon="check">
                  {t.admin}
                </Chip>
              )}
              {one.disabled && (
                <Chip tone="neutral" icon="dash">
                  {t.disabled}
                </Chip>
              )}
            </>
          ),
        },
        {
          key: 'roles',
          head: t.roles,
          cell: (one) =>
            one.teams.length === 0 ? (
              <span class="faint">{t.noTeam}</span>
            ) : (
              <ul class="plain-list">
                {one.teams.map((at) => (
                  <li key={at.team}>
                    {at.team} · {at.role}
                  </li>
                ))}
              </ul>
            ),
        },
        {
          key: 'accounts',
          head: t.accounts,
          cell: (one) =>
            one.accounts.length === 0
              ? '–'
              : one.accounts.map((account) => `${account.vendor}: ${account.displayName}`).join(', '),
        },
        { key: 'language', head: t.language, cell: (one) => (one.language === 'zh' ? '中文' : 'English') },
        { key: 'zone', head: t.zone, cell: (one) => one.zone },
      ]}
    />
  )
}

function Teams() {
  const t = texts.value.members
  const teams = useLoad('teams', (signal) => get<readonly TeamView[]>('/teams', { signal }))
  return (
    <section>
      <h2 class="section-head">{t.teams}</h2>
      <Loadable of={teams}>
        {(all) =>
          all.length === 0 ? (
            <Empty>{t.teamNone}</Empty>
          ) : (
            <div class="panels">
              {all.map((team) => (
                <section class="panel" key={team.id} aria-labelledby={`team-${team.id}`}>
                  <header class="release-head">
                    <h3 id={`team-${team.id}`}>{team.title || team.name}</h3>
                    <span class="faint small">
                      {team.name} · {t.count(team.members.length)} · {team.zone}
                    </span>
                  </header>
                  <ul class="plain-list">
                    {team.members.map((member) => (
                      <li key={member.name} class={member.disabled ? 'faint' : ''}>
                        {member.displayName} · {member.role}
                        {member.disabled && ` · ${t.disabled}`}
                      </li>
                    ))}
                  </ul>
                </section>
              ))}
            </div>
          )
        }
      </Loadable>
    </section>
  )
}
