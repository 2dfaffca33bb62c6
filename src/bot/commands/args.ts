import { z } from 'zod'
import type { Arg, ArgKind, Both, Choice } from '../grammar/spec.ts'
import { quote, tokenize } from '../grammar/tokens.ts'

interface More {
  names?: readonly string[]
  words?: readonly string[]
  place?: Arg['place']
  label?: Both
  ofChat?: boolean
}

const NAME = z.string().trim().min(1).max(200)

function arg<T>(
  kind: ArgKind,
  label: Both,
  expects: Both,
  schema: z.ZodType<T, string | undefined>,
  more: More = {},
): Arg<T> {
  return {
    kind,
    label: more.label ?? label,
    expects,
    names: more.names ?? [],
    words: more.words ?? [],
    place: more.place ?? 'word',
    required: true,
    choices: [],
    ofChat: more.ofChat ?? false,
    schema,
  }
}

/** The same argument, which may be left out. */
export function optional<T>(of: Arg<T>): Arg<T | null> {
  const schema = z.preprocess(
    (value) => (value === '' ? undefined : value),
    of.schema.optional().transform((value) => value ?? null),
    // `preprocess` takes anything; parsers hand in text alone.
  ) as unknown as z.ZodType<T | null, string | undefined>
  return { ...of, required: false, schema }
}

export const jobArg = (more: More = {}) =>
  arg(
    'job',
    { zh: '作业', en: 'job' },
    { zh: '作业名，例如 orders-cdc', en: 'a job’s name, such as orders-cdc' },
    NAME,
    {
      names: ['作业'],
      ...more,
    },
  )

export const releaseArg = (more: More = {}) =>
  arg(
    'release',
    { zh: '版本', en: 'release' },
    { zh: '版本号，例如 12', en: 'a release number, such as 12' },
    z
      .string()
      .regex(/^(v|#|r|版本|第)?\d{1,9}(版)?$/i)
      .transform((value) => Number(value.replace(/\D/g, ''))),
    { names: ['版本', 'v'], ...more },
  )

export const nameArg = (kind: ArgKind, label: Both, more: More = {}) =>
  arg(
    kind,
    label,
    { zh: `${label.zh}名`, en: `a ${label.en}’s name` },
    NAME.transform((name) => name.replace(/^@/, '')),
    {
      names: [label.zh],
      ...more,
    },
  )

export const idArg = (kind: ArgKind, label: Both, prefix: string, more: More = {}) =>
  arg(
    kind,
    label,
    { zh: `${label.zh}的编号，例如 ${prefix}_…`, en: `an ${label.en}’s id, such as ${prefix}_…` },
    NAME,
    {
      names: [label.zh, 'id'],
      ...more,
    },
  )

export const textArg = (label: Both, more: More = {}) =>
  arg('text', label, { zh: '一段文字', en: 'some text' }, z.string().max(10_000), { place: 'named', ...more })

export const longTextArg = (label: Both, more: More = {}) =>
  arg('long-text', label, { zh: '一段文字', en: 'some text' }, z.string().max(200_000), {
    place: 'named',
    ...more,
  })

export const numberArg = (label: Both, { min, max }: { min: number; max: number }, more: More = {}) =>
  arg(
    'number',
    label,
    { zh: ` ${min} 到 ${max} 之间的整数`, en: `a whole number from ${min} to ${max}` },
    z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number)
      .pipe(z.number().min(min).max(max)),
    more,
  )

export function choiceArg<const V extends string>(
  label: Both,
  choices: readonly (Choice & { value: V })[],
  more: More = {},
): Arg<V> {
  const byWord = new Map(
    choices.flatMap(({ value, also }) => [value, ...also].map((word) => [word.toLowerCase(), value])),
  )
  const values = choices.map(({ value }) => value)
  const schema = z.string().transform((word, context): V => {
    const value = byWord.get(word.trim().toLowerCase())
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: 'not a choice' })
    return z.NEVER
  })
  const expects = { zh: `以下之一：${values.join('、')}`, en: `one of ${values.join(', ')}` }
  return { ...arg('choice', label, expects, schema, more), choices }
}

export const flagArg = (label: Both, more: More = {}): Arg<boolean> => ({
  ...arg(
    'flag',
    label,
    { zh: '是或否', en: 'yes or no' },
    z
      .string()
      .optional()
      .transform((value) => value !== undefined && !/^(|no|false|0|否)$/i.test(value)),
    { place: 'flag', ...more },
  ),
  required: false,
})

/** `a,b c`: several words in one value. */
export const listArg = (kind: ArgKind, label: Both, more: More = {}) =>
  arg(
    kind,
    label,
    { zh: '用逗号分开的几项', en: 'a list with commas' },
    z.string().transform((value) => value.split(/[,，、\s]+/).filter((item) => item !== '')),
    { place: 'named', ...more },
  )

/** Words as a program gets them: quotes keep spaces together. */
export const wordsArg = (label: Both, more: More = {}) =>
  arg(
    'text',
    label,
    { zh: '一串参数，含空格的要加引号', en: 'words, in quotes where they hold spaces' },
    z.string().transform((value, context) => {
      const read = tokenize(value)
      if (!read.ok) context.addIssue({ code: 'custom', message: 'unclosed quote' })
      return read.tokens.map(({ text }) => text)
    }),
    { place: 'named', ...more },
  )

/** Pairs `key=value` with any key, as the parser collects them. */
export const settingsArg = (label: Both): Arg<Readonly<Record<string, string>>> => ({
  ...arg(
    'text',
    label,
    { zh: 'key=value 形式的配置', en: 'pairs key=value' },
    z
      .string()
      .optional()
      .transform((value) =>
        Object.fromEntries(
          tokenize(value ?? '').tokens.map(({ text }) => {
            const at = text.indexOf('=')
            return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
          }),
        ),
      ),
    { place: 'settings' },
  ),
  required: false,
})

/** What makes `settingsArg` read the same pairs again. */
export function settingsText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${quote(value)}`)
    .join(' ')
}

export const reasonArg = optional(
  longTextArg(
    { zh: '理由', en: 'reason' },
    { names: ['理由', 'because'], words: ['because', '因为', '理由'] },
  ),
)

export const forceArg = flagArg({ zh: '强制', en: 'force' }, { names: ['强制'] })

export const cursorArg = optional(textArg({ zh: '翻页位置', en: 'page' }, { names: ['page'] }))
