import { z } from 'zod'
import type { Directory, Person } from '../adapter.ts'
import { type Answer, failureOf } from './answers.ts'
import type { DingTalkApi } from './api.http.ts'

const PAGE = 100
const ROOT = 1
/** The person is not there, or outside of what the app may see. */
const UNKNOWN = new Set(['60121', '33012', '60122', '50002', '50004'])

const staff = z
  .object({
    userid: z.string().min(1),
    name: z.string().catch(''),
    org_email: z.string().optional().catch(undefined),
    email: z.string().optional().catch(undefined),
    job_number: z.string().optional().catch(undefined),
    active: z.boolean().optional().catch(undefined),
  })
  .transform(
    ({ userid, name, org_email, email, job_number, active }): Person => ({
      id: userid,
      name: name || userid,
      email: org_email || email || null,
      staffNumber: job_number || null,
      active: active ?? true,
    }),
  )

const person = z.object({ result: staff })
const children = z.object({ result: z.object({ dept_id_list: z.array(z.number()).optional() }) })
const members = z.object({
  result: z.object({
    has_more: z.boolean(),
    next_cursor: z.number().optional(),
    list: z.array(staff),
  }),
})

/** Departments still to be walked, the first of them from this member on. */
const position = z.object({ departments: z.array(z.number()).min(1), from: z.number() })

export function createDirectory(api: DingTalkApi): Directory {
  return {
    async person(id) {
      const answer = await ask('user/get', { userid: id })
      if (answer.is === 'error' && UNKNOWN.has(answer.code)) return null
      return read(person, answer).result
    },

    async people(cursor) {
      const at = cursor === null ? { departments: [ROOT], from: 0 } : position.parse(JSON.parse(cursor))
      const [department = ROOT, ...waiting] = at.departments
      // Before the first of its members, so that nobody's department is forgotten between two pages.
      const below = at.from === 0 ? await childrenOf(department) : []
      const page = read(members, await ask('user/list', { dept_id: department, cursor: at.from, size: PAGE }))
      const { has_more: more, next_cursor: next = 0, list } = page.result
      const departments = more ? [department, ...waiting, ...below] : [...waiting, ...below]
      return {
        people: list,
        next: departments.length === 0 ? null : JSON.stringify({ departments, from: more ? next : 0 }),
      }
    },
  }

  async function childrenOf(department: number): Promise<readonly number[]> {
    const { result } = read(children, await ask('department/listsubid', { dept_id: department }))
    return result.dept_id_list ?? []
  }

  function ask(what: string, body: object): Promise<Answer> {
    return api.call({ host: 'old', path: `/topapi/v2/${what}`, body })
  }
}

function read<S extends z.ZodType>(schema: S, answer: Answer): z.output<S> {
  if (answer.is !== 'ok') {
    const { code, message } = failureOf(answer).said
    throw new Error(`DingTalk's directory: ${code} ${message}`.trim())
  }
  const result = schema.safeParse(answer.body)
  if (!result.success) throw new Error("DingTalk's directory: an answer of another shape")
  return result.data
}
