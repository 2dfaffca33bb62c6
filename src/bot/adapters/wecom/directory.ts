import { z } from 'zod'
import type { Directory, Person } from '../adapter.ts'
import { type Answer, failureOf } from './answers.ts'
import { isMember, memberId } from './places.ts'

interface Reading {
  get(path: string, params: Readonly<Record<string, string>>): Promise<Answer>
}

const loose = z.string().optional().catch(undefined)

const user = z.object({
  userid: z.string().min(1),
  name: z.string().catch(''),
  email: loose,
  biz_mail: loose,
  status: z.number().optional().catch(undefined),
  extattr: z
    .object({ attrs: z.array(z.object({ name: z.string().catch(''), value: z.string().catch('') })) })
    .optional()
    .catch(undefined),
})
const usersBody = z.object({ userlist: z.array(user) })
const departmentsBody = z.object({ department_id: z.array(z.object({ id: z.number().int() })) })

const queue = z.array(z.number().int()).min(1)

/** 60111 and 40003: nobody; 60011 and 50002: out of the app's sight; 60003 and 60123: no such department. */
const ABSENT: ReadonlySet<number> = new Set([60111, 40003, 46004, 60011, 50002, 60003, 60123])

/** Whoever the app may see, department by department. One who is in several comes once for each. */
export function wecomDirectory(api: Reading): Directory {
  async function departments(): Promise<readonly number[]> {
    const answer = await api.get('/cgi-bin/department/simplelist', {})
    return read(answer, departmentsBody, { department_id: [] }).department_id.map(({ id }) => id)
  }

  return {
    async person(id) {
      if (!isMember(id)) return null
      const found = read(await api.get('/cgi-bin/user/get', { userid: id }), user, null)
      return found && personOf(found)
    },
    async people(cursor) {
      const [department, ...rest] = cursor === null ? await departments() : queueOf(cursor)
      if (department === undefined) return { people: [], next: null }
      const params = { department_id: String(department), fetch_child: '0' }
      const { userlist } = read(await api.get('/cgi-bin/user/list', params), usersBody, { userlist: [] })
      return { people: userlist.map(personOf), next: rest.length > 0 ? JSON.stringify(rest) : null }
    },
  }
}

/** What WeCom will not tell this app is `absent`; when it was not reached, that is a surprise to the caller. */
function read<Data, Absent>(answer: Answer, body: z.ZodType<Data>, absent: Absent): Data | Absent {
  if (answer.is === 'ok') {
    const parsed = body.safeParse(answer.body)
    return parsed.success ? parsed.data : absent
  }
  if (answer.is === 'error' && ABSENT.has(answer.code)) return absent
  const { code, message } = failureOf(answer).said
  throw new Error(`WeCom's directory cannot be read: ${code} ${message}`)
}

function queueOf(cursor: string): readonly number[] {
  try {
    return queue.parse(JSON.parse(cursor))
  } catch (cause) {
    throw new Error('This cursor is not from here', { cause })
  }
}

// 1: activated; 2: disabled; 4: not activated yet; 5: left.
const ACTIVE = 1
const STAFF_NUMBER = /^(工号|员工编号|staff ?number|employee ?(no|number|id))$/i

/** Apps made since 2022 are told no addresses: members are matched by other means then. */
function personOf({ userid, name, email, biz_mail, status, extattr }: z.infer<typeof user>): Person {
  const number = extattr?.attrs.find(({ name: label }) => STAFF_NUMBER.test(label.trim()))?.value
  return {
    id: memberId(userid),
    name,
    email: email || biz_mail || null,
    staffNumber: number || null,
    active: status === undefined || status === ACTIVE,
  }
}
