import { createHash } from 'node:crypto'
import type { Language } from '../../../platform/platform.ts'
import type { Tone } from '../../cards/card.ts'
import { escaped, escapedLines, oneLine } from './html.ts'
import { TONE_COLOURS } from './render.ts'

/** A page that a link in a mail opens. */
export interface PressPage {
  status: 200 | 403 | 410 | 503
  html: string
}

const TEXTS = {
  en: {
    ask: (label: string) => `Press “${label}”?`,
    as: (member: string) => `As ${member}`,
    nothingYet: 'Nothing has happened yet.',
    close: 'You can close this page.',
    wrong: 'This link is not whole, or somebody changed it. Open it from the mail again.',
    expired: 'This link was good for 3 days and has expired. A newer mail has a newer one.',
    gone: 'The card that this button was on is gone, or it is not for you. Nothing was done.',
    broke: 'Something broke on our side. Nothing is lost: open the link from the mail again in a minute.',
  },
  zh: {
    ask: (label: string) => `确定要点“${label}”吗？`,
    as: (member: string) => `以 ${member} 的身份`,
    nothingYet: '目前还没有执行任何操作。',
    close: '可以关闭本页了。',
    wrong: '链接不完整，或者被改动过。请从邮件里重新打开。',
    expired: '链接 3 天内有效，现在已过期。请用更新的邮件里的链接。',
    gone: '这个按钮所在的卡片已经不在，或者不是给您的。没有执行任何操作。',
    broke: '我们这边出了点问题。什么都没有丢：请过一分钟从邮件里重新打开链接。',
  },
} as const satisfies Record<Language, unknown>

/** What the button is, and a second button that presses it: programs that follow links in mails press nothing. */
export function confirmPage(
  asked: {
    title: string
    subtitle: readonly string[]
    tone: Tone
    label: string
    style: 'primary' | 'plain' | 'danger'
    member: string
    /** The query that presses, `p=…&n=…`. */
    query: string
  },
  language: Language,
): PressPage {
  const t = TEXTS[language]
  const label = oneLine(asked.label)
  const body = `<h1>${escaped(oneLine(asked.title))}</h1>
${quiet(asked.subtitle.join(' · '))}<p>${escaped(t.ask(label))}</p>
<form method="post" action="?${escaped(asked.query)}">
<button class="${asked.style}">${escaped(label)}</button>
</form>
${quiet(`${t.as(asked.member)} · ${t.nothingYet}`)}`
  return { status: 200, html: frame(body, { language, tone: asked.tone, title: asked.title }) }
}

export function answerPage(answer: { tone: Tone; text: string }, language: Language): PressPage {
  return said(answer, { status: 200, language, after: TEXTS[language].close })
}

export function refusalPage(why: 'wrong' | 'expired' | 'gone' | 'broke', language: Language): PressPage {
  const status = why === 'wrong' ? 403 : why === 'broke' ? 503 : 410
  return said({ tone: 'warning', text: TEXTS[language][why] }, { status, language, after: '' })
}

function said(
  { tone, text }: { tone: Tone; text: string },
  { status, language, after }: { status: PressPage['status']; language: Language; after: string },
): PressPage {
  const body = `<h1>${escapedLines(text)}</h1>\n${quiet(after)}`
  return { status, html: frame(body, { language, tone, title: text }) }
}

function quiet(text: string): string {
  return text === '' ? '' : `<p class="quiet">${escaped(text)}</p>\n`
}

// --- the frame ----------------------------------------------------------------------------------------------------

const STYLE = `:root { color-scheme: light dark }
body { margin: 0; padding: 10vh 16px; font: 16px/1.5 system-ui, 'PingFang SC', 'Microsoft YaHei', sans-serif; background: #f1f5f9; color: #0f172a }
main { max-width: 480px; margin: 0 auto; padding: 20px 24px; background: #fff; border: 1px solid #e2e8f0; border-left-width: 6px; border-radius: 8px }
${Object.entries(TONE_COLOURS)
  .map(([tone, colour]) => `main.${tone} { border-left-color: ${colour} }`)
  .join('\n')}
h1 { margin: 0 0 8px; font-size: 20px; line-height: 1.35; overflow-wrap: anywhere }
.quiet { color: #64748b; font-size: 14px; overflow-wrap: anywhere }
button { padding: 12px 20px; border: 1px solid #cbd5e1; border-radius: 6px; background: #f8fafc; color: #0f172a; font: inherit; font-weight: 600; cursor: pointer }
button.primary { border-color: #2563eb; background: #2563eb; color: #fff }
button.danger { border-color: #b91c1c; background: #b91c1c; color: #fff }
button:focus-visible { outline: 3px solid #93c5fd; outline-offset: 2px }
@media (prefers-color-scheme: dark) {
body { background: #0f172a; color: #e2e8f0 }
main { background: #1e293b; border-color: #334155 }
.quiet { color: #94a3b8 }
button.plain { background: #334155; color: #f1f5f9; border-color: #475569 }
}`

/** Nothing runs, nothing is loaded, and the form goes nowhere but back to us. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  // The address holds the right to press: it is not kept, not found, and not passed on.
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Robots-Tag': 'noindex, nofollow',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  Vary: 'Accept-Language',
}

function frame(
  body: string,
  { language, tone, title }: { language: Language; tone: Tone; title: string },
): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escaped(oneLine(title))}</title>
<style>${STYLE}</style>
</head>
<body>
<main class="${tone}">
${body}
</main>
</body>
</html>
`
}

/** The first of our languages among those that a browser asks for. */
export function languageOf(header: string | undefined): Language {
  const asked = (header ?? '').slice(0, 200).toLowerCase()
  const found = /(?:^|,)\s*(zh|en)\b/.exec(asked)?.[1]
  return found === 'en' ? 'en' : 'zh'
}
