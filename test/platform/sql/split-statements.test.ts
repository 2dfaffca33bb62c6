import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkScript,
  countJobs,
  explainScriptProblem,
  type ScriptProblem,
  splitStatements,
} from '../../../src/platform/sql/split-statements.ts'

const texts = (script: string) => splitStatements(script).statements.map(({ text }) => text)
const kinds = (script: string) => splitStatements(script).statements.map(({ kind }) => kind)

describe('splitting a script', () => {
  it.each([
    ['two statements', 'SELECT 1; SELECT 2', ['SELECT 1', 'SELECT 2']],
    ['a closing semicolon', 'SELECT 1;', ['SELECT 1']],
    ['empty statements', ';; SELECT 1 ;;', ['SELECT 1']],
    ['a semicolon in a string', "SELECT ';' ; SELECT 2", ["SELECT ';'", 'SELECT 2']],
    ['a doubled quote', "SELECT 'it''s;' ; SELECT 2", ["SELECT 'it''s;'", 'SELECT 2']],
    ['a backslash, which escapes nothing', "SELECT 'C:\\'; SELECT 2", ["SELECT 'C:\\'", 'SELECT 2']],
    ['back-ticks', 'SELECT `a;``b`; SELECT 2', ['SELECT `a;``b`', 'SELECT 2']],
    ['a line comment', '-- a; b\nSELECT 1 -- c; d\n; SELECT 2', ['SELECT 1', 'SELECT 2']],
    ['a block comment', "/* a; ' */ SELECT /* ; */ 1; SELECT 2", ['SELECT /* ; */ 1', 'SELECT 2']],
    [
      'a hint',
      "SELECT * FROM t /*+ OPTIONS('a'=';') */; SELECT 2",
      ["SELECT * FROM t /*+ OPTIONS('a'=';') */", 'SELECT 2'],
    ],
    ['only comments', '-- nothing\n/* here */', []],
    ['nothing', ' \n ', []],
    ['a wide space from an input method', 'SELECT 1;\u3000\u00a0SELECT 2\u3000', ['SELECT 1', 'SELECT 2']],
    ['a minus and a division', 'SELECT 4-2/1; SELECT 2', ['SELECT 4-2/1', 'SELECT 2']],
    ['an unquoted address', 'SET a = file:///x; SELECT 2', ['SET a = file:///x', 'SELECT 2']],
  ])('understands %s', (_what, script, expected) => {
    expect(texts(script)).toEqual(expected)
  })

  it('keeps a statement set whole, CASE … END inside it included', () => {
    const set =
      'EXECUTE STATEMENT SET\nBEGIN\n  INSERT INTO a SELECT CASE WHEN x THEN 1 ELSE 2 END FROM s;\n  INSERT INTO b SELECT 1; -- ;\nEND'

    expect(texts(`SET 'a' = 'b';\n${set};\nDROP TABLE a`)).toEqual(["SET 'a' = 'b'", set, 'DROP TABLE a'])
  })

  it('says where each statement begins', () => {
    const script = "-- first\r\nSET 'a'='b';\r\n  /* c */ INSERT INTO t\nSELECT 1;\rSELECT 2"

    expect(splitStatements(script).statements.map(({ line, column }) => [line, column])).toEqual([
      [2, 1],
      [3, 11],
      [5, 1],
    ])
  })

  it.each([
    ["SELECT 1;\n SELECT 'abc", { what: 'quote', line: 2, column: 9 }],
    ['SELECT `abc', { what: 'quote', line: 1, column: 8 }],
    ["SELECT '", { what: 'quote', line: 1, column: 8 }],
    ['SELECT 1 /* abc *', { what: 'comment', line: 1, column: 10 }],
    ['/*/', { what: 'comment', line: 1, column: 1 }],
    ['EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1;', { what: 'statement-set', line: 1, column: 1 }],
  ])('reports what is never closed in %j', (script, expected) => {
    expect(splitStatements(script).unclosed).toEqual(expected)
  })

  it('gives the whole text back when the pieces are joined, and every statement stands where it says', () => {
    const piece = fc.constantFrom(
      ...[
        ';',
        "'",
        '`',
        '"',
        '--',
        '/*',
        '*/',
        '\n',
        '\r\n',
        ' ',
        'INSERT INTO t',
        'EXECUTE STATEMENT SET',
        'BEGIN',
      ],
      ...['END', 'CASE', 'SELECT', '(', ')', '表', 'SET', '=', '*', '/', '-', '😀'],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (parts) => {
        const script = parts.join('')
        const { pieces, statements } = splitStatements(script)

        expect(pieces.join('')).toBe(script)
        for (const { text, offset, line } of statements) {
          expect(script.startsWith(text, offset)).toBe(true)
          expect(line).toBe(script.slice(0, offset).split(/\r\n|\r|\n/).length)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('what a statement does', () => {
  it.each([
    ["SET 'a' = 'b'", 'set'],
    ["reset 'a'", 'reset'],
    ['insert into t select 1', 'insert'],
    ['INSERT OVERWRITE t SELECT 1', 'insert'],
    ['EXECUTE INSERT INTO t SELECT 1', 'job'],
    ['EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1; END', 'job'],
    ["COMPILE AND EXECUTE PLAN 'p' FOR INSERT INTO t SELECT 1", 'job'],
    ["COMPILE PLAN 'p' FOR INSERT INTO t SELECT 1", 'other'],
    ["EXECUTE PLAN 'p'", 'job'],
    ["CREATE TABLE t WITH ('connector'='x') AS SELECT 1", 'job'],
    ["CREATE OR REPLACE TABLE t WITH ('connector'='x') AS SELECT 1", 'job'],
    ["REPLACE TABLE t WITH ('connector'='x') AS SELECT 1", 'job'],
    ["CREATE TABLE t (a INT, b AS a + 1, w AS PROCTIME()) WITH ('as'='x')", 'other'],
    ['CREATE TEMPORARY VIEW v AS SELECT 1', 'other'],
    ["CREATE FUNCTION f AS 'a.B'", 'other'],
    ['BEGIN STATEMENT SET', 'bracket'],
    ['END', 'bracket'],
    ['SELECT 1', 'query'],
    ['WITH a AS (SELECT 1) SELECT * FROM a', 'query'],
    ['(SELECT 1) UNION ALL (SELECT 2)', 'query'],
    ['SHOW TABLES', 'other'],
    ['EXPLAIN STATEMENT SET BEGIN INSERT INTO t SELECT 1; END', 'other'],
    ['/* INSERT */ DROP TABLE t', 'other'],
  ])('%s is %s', (script, kind) => {
    expect(kinds(script)).toEqual([kind])
  })

  it('counts all plain INSERTs as one job', () => {
    const { statements } = splitStatements("INSERT INTO a SELECT 1; INSERT INTO b SELECT 1; EXECUTE PLAN 'p'")

    expect(countJobs(statements)).toBe(2)
  })
})

describe('checking a script', () => {
  it.each([
    'INSERT INTO a SELECT 1',
    "SET 'a'='b'; CREATE TABLE t (a INT); INSERT INTO a SELECT 1; INSERT INTO b SELECT 2;",
    'EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT 1; END;',
    'BEGIN STATEMENT SET; INSERT INTO a SELECT 1; INSERT INTO b SELECT 1; END;',
  ])('accepts %s', (script) => {
    expect(checkScript(script).ok).toBe(true)
  })

  it.each<[string, ScriptProblem]>([
    ['-- nothing', { why: 'empty' }],
    ['CREATE TABLE t (a INT)', { why: 'no-job' }],
    ['INSERT INTO a SELECT 1;\nSELECT 1', { why: 'query', line: 2, column: 1 }],
    ["INSERT INTO a SELECT 1;\n EXECUTE PLAN 'p'", { why: 'several-jobs', line: 2, column: 2 }],
    ["EXECUTE PLAN 'p'; INSERT INTO a SELECT 1", { why: 'several-jobs', line: 1, column: 19 }],
    ["INSERT INTO a SELECT 1; SET 'a'='b'", { why: 'set-after-insert', line: 1, column: 25 }],
    ["INSERT INTO a SELECT 'x", { why: 'unclosed', what: 'quote', line: 1, column: 22 }],
  ])('refuses %j', (script, problem) => {
    expect(checkScript(script)).toEqual({ ok: false, problem })
  })

  it('says it in both languages, with the place', () => {
    const problem: ScriptProblem = { why: 'several-jobs', line: 4, column: 7 }

    expect(explainScriptProblem(problem, 'en')).toContain('line 4, column 7')
    expect(explainScriptProblem(problem, 'zh')).toContain('第 4 行第 7 列')
    expect(explainScriptProblem({ why: 'empty' }, 'zh')).toBe('脚本是空的。')
  })
})
