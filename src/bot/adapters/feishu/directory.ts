import { z } from 'zod'
import type { Directory, Person } from '../adapter.ts'
import { type Reply, wordsOf } from './outcome.ts'

interface Reading {
  call(ask: {
    method: 'GET'
    path: string
    params: Readonly<Record<string, string | number | boolean>>
  }): Promise<Reply>
}

const user = z.object({
  open_id: z.string().min(1),
  name: z.string().catch(''),
  email: z.string().optional().catch(undefined),
  enterprise_email: z.string().optional().catch(undefined),
  employee_no: z.string().optional().catch(undefined),
  status: z
    .object({
      is_frozen: z.boolean().catch(false),
      is_resigned: z.boolean().catch(false),
      is_activated: z.boolean().catch(true),
      is_exited: z.boolean().catch(false),
      is_unjoin: z.boolean().catch(false),
    })
    .optional()
    .catch(undefined),
})

const userBody = z.object({ data: z.object({ user }) })
const page = { has_more: z.boolean().catch(false), page_token: z.string().optional().catch(undefined) }
const usersBody = z.object({ data: z.object({ items: z.array(user).catch([]), ...page }) })
const departmentsBody = z.object({
  data: z.object({ items: z.array(z.object({ open_department_id: z.string() })).catch([]), ...page }),
})

/** Where a walk over all departments stands: one department's people, then the next ones. */
const walk = z.object({
  department: z.string(),
  people: z.string().nullable(),
  queue: z.array(z.string()),
  /** Of the list of departments; null: none was read yet; `end`: all were. */
  departments: z.union([
    z.object({ is: z.literal('page'), token: z.string().nullable() }),
    z.object({ is: z.literal('end') }),
  ]),
})
type Walk = z.infer<typeof walk>

const ROOT: Walk = {
  department: '0',
  people: null,
  queue: [],
  departments: { is: 'page', token: null },
}
const PAGE = 50

/** Whoever the app's contact range holds. One who is in several departments comes once for each. */
export function feishuDirectory(api: Reading): Directory {
  async function usersOf(at: Walk): Promise<z.infer<typeof usersBody>['data']> {
    const reply = await api.call({
      method: 'GET',
      path: '/open-apis/contact/v3/users/find_by_department',
      params: {
        department_id: at.department,
        department_id_type: 'open_department_id',
        user_id_type: 'open_id',
        page_size: PAGE,
        ...(at.people ? { page_token: at.people } : {}),
      },
    })
    // A department outside of the app's range is passed over, the rest is told.
    return read(reply, usersBody, { items: [], has_more: false, page_token: undefined })
  }

  async function departmentsAfter(token: string | null): Promise<z.infer<typeof departmentsBody>['data']> {
    const reply = await api.call({
      method: 'GET',
      path: '/open-apis/contact/v3/departments/0/children',
      params: {
        department_id_type: 'open_department_id',
        fetch_child: true,
        page_size: PAGE,
        ...(token ? { page_token: token } : {}),
      },
    })
    return read(reply, departmentsBody, { items: [], has_more: false, page_token: undefined })
  }

  async function onward(at: Walk, more: string | null): Promise<Walk | null> {
    if (more) return { ...at, people: more }
    const [next, ...queue] = at.queue
    if (next !== undefined) return { ...at, department: next, people: null, queue }
    if (at.departments.is === 'end') return null
    const list = await departmentsAfter(at.departments.token)
    const token = list.has_more ? (list.page_token ?? null) : null
    const departments: Walk['departments'] = token ? { is: 'page', token } : { is: 'end' }
    return onward({ ...at, queue: list.items.map((one) => one.open_department_id), departments }, null)
  }

  return {
    async person(id) {
      const path = `/open-apis/contact/v3/users/${encodeURIComponent(id)}`
      const reply = await api.call({ method: 'GET', path, params: { user_id_type: 'open_id' } })
      const body = read(reply, userBody, null)
      return body ? personOf(body.user) : null
    },
    async people(cursor) {
      const at = cursor === null ? ROOT : walkOf(cursor)
      const { items, has_more, page_token } = await usersOf(at)
      const next = await onward(at, has_more ? (page_token ?? null) : null)
      return { people: items.map(personOf), next: next ? JSON.stringify(next) : null }
    },
  }
}

/** What Feishu will not tell this app is `absent`; when it was not reached, that is a surprise to the caller. */
function read<Data, Absent>(reply: Reply, body: z.ZodType<{ data: Data }>, absent: Absent): Data | Absent {
  if (reply.is === 'done') {
    const parsed = body.safeParse(reply.body)
    return parsed.success ? parsed.data.data : absent
  }
  if (reply.is === 'error' && reply.status < 500 && isAboutWho(reply.code)) return absent
  const { code, message } = wordsOf(reply)
  throw new Error(`Feishu's directory cannot be read: ${code} ${message}`)
}

/** The person or department is unknown, or outside of the app's range: 40xxx and 41xxx of the contact API. */
function isAboutWho(code: number): boolean {
  return code >= 40_000 && code < 45_000
}

function walkOf(cursor: string): Walk {
  try {
    return walk.parse(JSON.parse(cursor))
  } catch (cause) {
    throw new Error('This cursor is not from here', { cause })
  }
}

function personOf({
  open_id,
  name,
  email,
  enterprise_email,
  employee_no,
  status,
}: z.infer<typeof user>): Person {
  const gone = status && (status.is_frozen || status.is_resigned || status.is_exited || status.is_unjoin)
  return {
    id: open_id,
    name,
    email: enterprise_email || email || null,
    staffNumber: employee_no || null,
    active: !gone && status?.is_activated !== false,
  }
}
