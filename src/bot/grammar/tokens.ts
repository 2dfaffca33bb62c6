/** A word as it was said, with its place in the text (0-based, `end` exclusive). */
export interface Token {
  text: string
  at: number
  end: number
  /** Some of it stood in quotes: it is a value, never a word of the language. */
  quoted: boolean
  /** It began with a quote: not even `key=value` is looked for in it. */
  literal: boolean
}

export type Tokens =
  | { ok: true; tokens: readonly Token[] }
  /** A quote is opened at `at` and never closed. `tokens`: the words before it. */
  | { ok: false; at: number; tokens: readonly Token[] }

const CLOSING: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '“': '”',
  '”': '”',
  '„': '“',
  '‘': '’',
  '「': '」',
  '『': '』',
  '＂': '＂',
  '＇': '＇',
  '《': '》',
}

// Chats and input methods put these where people typed a space, or nothing.
const INVISIBLE = /[\u200b-\u200f\u2060\ufeff]/
const DASHES = /^[—–―−]+/

/** Cuts what was said into words. Never throws; quotes keep their content as it is. */
export function tokenize(text: string): Tokens {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    if (isSpace(text.charAt(at))) {
      at++
      continue
    }
    const word = readWord(text, at)
    if ('openAt' in word) return { ok: false, at: word.openAt, tokens }
    tokens.push(word)
    at = word.end
  }
  return { ok: true, tokens }
}

/** The text in such a form that `tokenize` gives it back as one word. */
export function quote(text: string): string {
  if (/^[\p{Letter}\p{Number}._/@:#%+*-]+$/u.test(text) && !hasWideForm(text) && !/^[@-]/.test(text))
    return text
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function readWord(text: string, start: number): Token | { openAt: number } {
  let word = ''
  // Asking the growing word for its end would copy it each time.
  let last = ''
  let quoted = false
  let at = start
  while (at < text.length && !isSpace(text.charAt(at))) {
    const char = text.charAt(at)
    if (CLOSING[char] === undefined || !mayOpen(last, quoted)) {
      last = narrow(char)
      word += last
      at++
      continue
    }
    const inner = readQuoted(text, at)
    if (!inner) return { openAt: at }
    word = (quoted ? word : dashed(word)) + inner.text
    quoted = true
    at = inner.end
  }
  return {
    text: quoted ? word : dashed(word),
    at: start,
    end: at,
    quoted,
    literal: CLOSING[text.charAt(start)] !== undefined,
  }
}

/** A quote opens at the beginning of a word or after `key=`; elsewhere it is an apostrophe. */
function mayOpen(last: string, quoted: boolean): boolean {
  return last === '' || quoted || last === '='
}

function readQuoted(text: string, openAt: number): { text: string; end: number } | null {
  const open = text.charAt(openAt)
  const close = CLOSING[open]
  let inner = ''
  for (let at = openAt + 1; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === close) return { text: inner, end: at + 1 }
    const next = text.charAt(at + 1)
    const escapes = char === '\\' && (next === '\\' || next === close)
    inner += escapes ? next : char
    if (escapes) at++
  }
  return null
}

function isSpace(char: string): boolean {
  return /\s/.test(char) || INVISIBLE.test(char)
}

/** Full-width letters, digits and punctuation as their plain forms: `／job`, `ｏｎ＝１２`. */
function narrow(char: string): string {
  const code = char.charCodeAt(0)
  return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : char
}

function hasWideForm(text: string): boolean {
  return [...text].some((char) => narrow(char) !== char)
}

/** Phones turn `--force` into `—force`. */
function dashed(word: string): string {
  return word.replace(DASHES, '--')
}
