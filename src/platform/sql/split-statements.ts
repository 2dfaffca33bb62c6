/**
 * Splits a Flink SQL script the way `runner/` does inside Flink: quotes, back-ticks, `--` and block comments, and
 * `EXECUTE STATEMENT SET BEGIN … END` as one statement. The two must agree, for "statement 3" is how Flink's errors
 * come back. Positions are UTF-16 offsets and lines and columns from 1, as Flink counts them.
 */
export interface Statement {
  /** From its first to its last character that matters; no closing `;`, no comments before it. */
  readonly text: string
  readonly kind: StatementKind
  readonly offset: number
  readonly line: number
  readonly column: number
}

/**
 * What the runner does with a statement: `insert` joins the one job, `job` starts a job by itself, `query` shows rows
 * and has no place in a job, `bracket` is the sql-client's BEGIN STATEMENT SET and END, which change nothing here.
 */
export type StatementKind = 'set' | 'reset' | 'insert' | 'job' | 'query' | 'bracket' | 'other'

export interface Place {
  readonly line: number
  readonly column: number
}

export interface Split {
  /** The script cut after each `;`. Joined they are the script, comments and white space included. */
  readonly pieces: readonly string[]
  readonly statements: readonly Statement[]
  /** What was opened and never closed; the last piece then reaches to the end of the script. */
  readonly unclosed: Unclosed | null
}

export interface Unclosed extends Place {
  readonly what: 'quote' | 'comment' | 'statement-set'
}

export type ScriptProblem =
  | ({ readonly why: 'unclosed' } & Unclosed)
  | ({ readonly why: 'several-jobs' | 'query' | 'set-after-insert' } & Place)
  | { readonly why: 'empty' | 'no-job' }

export type ScriptCheck =
  | { readonly ok: true; readonly statements: readonly Statement[] }
  | { readonly ok: false; readonly problem: ScriptProblem }

/** Accepts a script that makes exactly one Flink job; several INSERTs are one job. */
export function checkScript(script: string): ScriptCheck {
  const { statements, unclosed } = splitStatements(script)
  const problem = unclosed ? { why: 'unclosed' as const, ...unclosed } : problemOf(statements)
  return problem ? { ok: false, problem } : { ok: true, statements }
}

function problemOf(statements: readonly Statement[]): ScriptProblem | null {
  if (statements.length === 0) return { why: 'empty' }
  const query = statements.find(({ kind }) => kind === 'query')
  if (query) return { why: 'query', ...placeOf(query) }
  const second = secondJob(statements)
  if (second) return { why: 'several-jobs', ...placeOf(second) }
  const late = setAfterInsert(statements)
  if (late) return { why: 'set-after-insert', ...placeOf(late) }
  return countJobs(statements) === 0 ? { why: 'no-job' } : null
}

/** How many Flink jobs the script would start. All plain INSERTs together are one. */
export function countJobs(statements: readonly Statement[]): number {
  const jobs = statements.filter(({ kind }) => kind === 'job').length
  return jobs + Number(statements.some(({ kind }) => kind === 'insert'))
}

function secondJob(statements: readonly Statement[]): Statement | undefined {
  const starts = statements.filter(({ kind }) => kind === 'job' || kind === 'insert')
  const first = starts[0]
  return starts.find(
    (statement) => statement !== first && !(first?.kind === 'insert' && statement.kind === 'insert'),
  )
}

// INSERTs are planned together at the end: a SET between them would change those before it as well.
function setAfterInsert(statements: readonly Statement[]): Statement | undefined {
  const first = statements.findIndex(({ kind }) => kind === 'insert')
  if (first < 0) return undefined
  return statements.slice(first).find(({ kind }) => kind === 'set' || kind === 'reset')
}

function placeOf({ line, column }: Place): Place {
  return { line, column }
}

const EXPLANATIONS = {
  en: {
    empty: () => 'The script is empty.',
    'no-job': () => 'The script starts no job: it needs an INSERT INTO or an EXECUTE STATEMENT SET.',
    query: (at) =>
      `The query at ${at} only shows rows. A job writes somewhere: put INSERT INTO <table> before it.`,
    'several-jobs': (at) =>
      `The statement at ${at} would start a second job. One release is one job: join the INSERTs, or make two jobs.`,
    'set-after-insert': (at) =>
      `The SET or RESET at ${at} comes after the first INSERT and would change that one too. Move it to the top.`,
    quote: (at) => `The quote opened at ${at} is never closed.`,
    comment: (at) => `The comment opened at ${at} is never closed with */.`,
    'statement-set': (at) => `The statement set opened at ${at} has no END.`,
  },
  zh: {
    empty: () => '脚本是空的。',
    'no-job': () => '脚本不会启动任何作业:需要 INSERT INTO 或 EXECUTE STATEMENT SET。',
    query: (at) => `${at}的查询只是展示数据。作业需要写入目标表:请在它前面加上 INSERT INTO <表名>。`,
    'several-jobs': (at) =>
      `${at}的语句会启动第二个作业。一个版本只对应一个作业:请合并 INSERT,或拆成两个作业。`,
    'set-after-insert': (at) =>
      `${at}的 SET 或 RESET 位于第一个 INSERT 之后,也会影响前面的 INSERT。请移到脚本开头。`,
    quote: (at) => `${at}的引号没有闭合。`,
    comment: (at) => `${at}的注释没有用 */ 结束。`,
    'statement-set': (at) => `${at}的 STATEMENT SET 缺少 END。`,
  },
} as const satisfies Record<string, Record<Explained, (at: string) => string>>

type Explained = Exclude<ScriptProblem['why'], 'unclosed'> | Unclosed['what']

/** One sentence: what is wrong, where, what would be right. */
export function explainScriptProblem(problem: ScriptProblem, language: 'en' | 'zh'): string {
  const explain = EXPLANATIONS[language][problem.why === 'unclosed' ? problem.what : problem.why]
  return explain('line' in problem ? placeText(problem, language) : '')
}

function placeText({ line, column }: Place, language: 'en' | 'zh'): string {
  return language === 'en' ? `line ${line}, column ${column}` : `第 ${line} 行第 ${column} 列`
}

/** Cuts a script into statements. Never throws: what is not closed is reported, and runs to the end. */
export function splitStatements(script: string): Split {
  const cutter = createCutter(script)
  let at = 0
  while (at < script.length) {
    const end = skipToken(script, at)
    cutter.take(at, end)
    at = end
  }
  return cutter.finish()
}

// A token is a quoted text, a comment, a word, or any single character. Unclosed ones end with the script.
function skipToken(script: string, at: number): number {
  const char = script[at] ?? ''
  if (QUOTES.includes(char)) return endAfter(script, char, at + 1)
  if (script.startsWith('--', at)) return endOfLine(script, at)
  if (script.startsWith('/*', at)) return endAfter(script, '*/', at + 2)
  if (!WORD.test(char)) return at + 1
  let end = at + 1
  while (end < script.length && WORD.test(script[end] ?? '')) end++
  return end
}

const QUOTES = '\'"`'
const WORD = /[A-Za-z0-9_$]/

function endAfter(script: string, closing: string, from: number): number {
  const found = script.indexOf(closing, from)
  return found < 0 ? script.length : found + closing.length
}

function endOfLine(script: string, at: number): number {
  let end = at
  while (end < script.length && script[end] !== '\n' && script[end] !== '\r') end++
  return end
}

interface Draft {
  start: number
  place: Place
  end: number
  /** The first words in capitals, enough to tell the kind. */
  words: string[]
  /** AS outside parentheses: in a CREATE TABLE it makes the statement a job. */
  topLevelAs: boolean
  depth: number
  /** Words since BEGIN or the last `;` of a statement set; null outside of one. */
  setWords: string[] | null
}

function createCutter(script: string) {
  const pieces: string[] = []
  const statements: Statement[] = []
  const places = createPlaces(script)
  let pieceStart = 0
  let unclosed: Unclosed | null = null
  let draft = emptyDraft()

  function take(start: number, end: number) {
    const token = script.slice(start, end)
    unclosed = unclosedBy(token, places.at(start)) ?? unclosed
    if (isComment(token) || isBlank(token)) return
    if (token === ';' && !staysInSet(draft)) return cut(end)
    if (draft.start < 0) Object.assign(draft, { start, place: places.at(start) })
    draft.end = end
    note(draft, token)
  }

  function cut(end: number) {
    pieces.push(script.slice(pieceStart, end))
    pieceStart = end
    keep()
  }

  function keep() {
    if (draft.start >= 0) {
      statements.push({
        text: script.slice(draft.start, draft.end),
        kind: kindOf(draft),
        offset: draft.start,
        ...draft.place,
      })
    }
    draft = emptyDraft()
  }

  function finish(): Split {
    if (draft.setWords !== null && draft.setWords[0] !== 'END' && !unclosed) {
      unclosed = { what: 'statement-set', ...draft.place }
    }
    if (pieceStart < script.length) cut(script.length)
    return { pieces, statements, unclosed }
  }

  return { take, finish }
}

function emptyDraft(): Draft {
  return {
    start: -1,
    end: -1,
    place: { line: 1, column: 1 },
    words: [],
    topLevelAs: false,
    depth: 0,
    setWords: null,
  }
}

// Besides ASCII the spaces that input methods and editors leave behind; the runner has the same list.
function isBlank(token: string): boolean {
  return token <= ' ' || ['\u00a0', '\u3000', '\ufeff'].includes(token)
}

// A hint, /*+ … */, looks like a comment and is part of the statement.
function isComment(token: string): boolean {
  return token.startsWith('--') || (token.startsWith('/*') && token[2] !== '+')
}

function unclosedBy(token: string, place: Place): Unclosed | null {
  if (token.startsWith('/*'))
    return token.endsWith('*/') && token.length >= 4 ? null : { what: 'comment', ...place }
  const opening = token[0] ?? ''
  if (!QUOTES.includes(opening)) return null
  return token.length >= 2 && token.endsWith(opening) ? null : { what: 'quote', ...place }
}

// Inside BEGIN … END a `;` ends one INSERT, not the statement, unless END has just closed the set.
function staysInSet(draft: Draft): boolean {
  if (draft.setWords === null || draft.setWords[0] === 'END') return false
  draft.setWords = []
  return true
}

const ENOUGH_WORDS = 12

function note(draft: Draft, token: string) {
  if (token === '(') draft.depth++
  else if (token === ')') draft.depth--
  const word = token.toUpperCase()
  // A statement that opens with a parenthesis or a quote has that as its first word.
  if (draft.words.length > 0 && !WORD.test(token[0] ?? '')) return
  if (word === 'AS' && draft.depth === 0) draft.topLevelAs = true
  if (draft.words.length < ENOUGH_WORDS) draft.words.push(word)
  if (draft.setWords !== null) draft.setWords.push(word)
  else if (draft.words.slice(-3).join(' ') === 'STATEMENT SET BEGIN') draft.setWords = []
}

function kindOf({ words, topLevelAs }: Draft): StatementKind {
  const [first = '', second = ''] = words
  if (first === 'SET') return 'set'
  if (first === 'RESET') return 'reset'
  if (first === 'INSERT') return 'insert'
  if (first === 'END' || (first === 'BEGIN' && second === 'STATEMENT')) return 'bracket'
  if (['SELECT', 'WITH', 'VALUES', 'TABLE', '('].includes(first)) return 'query'
  if (['EXECUTE', 'UPDATE', 'DELETE'].includes(first)) return 'job'
  if (first === 'COMPILE' && second === 'AND') return 'job'
  return topLevelAs && makesTable(words) ? 'job' : 'other'
}

function makesTable(words: readonly string[]): boolean {
  return /^(CREATE( OR REPLACE)?( TEMPORARY)?|REPLACE) TABLE /.test(`${words.join(' ')} `)
}

// Asked for with growing offsets only, so that a long script is read once.
function createPlaces(script: string) {
  let scanned = 0
  let line = 1
  let lineStart = 0

  return {
    at(offset: number): Place {
      for (; scanned < offset; scanned++) {
        const char = script[scanned]
        if (char === '\n' || (char === '\r' && script[scanned + 1] !== '\n')) {
          line++
          lineStart = scanned + 1
        }
      }
      return { line, column: offset - lineStart + 1 }
    },
  }
}
