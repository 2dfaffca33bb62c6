import { type SetupGuide, VENDORS, type Vendor } from '../bot/adapters/adapter.ts'
import type { Both } from '../bot/grammar/spec.ts'
import { GUIDES } from './setups.ts'

type Language = keyof Both

/** The files of docs/setup by their names, made of the guides that the page shows. */
export function setupDocuments(): ReadonlyMap<string, string> {
  const each = VENDORS.flatMap((vendor) => [
    [fileOf(vendor, 'en'), setupDocument(GUIDES[vendor], 'en')] as const,
    [fileOf(vendor, 'zh'), setupDocument(GUIDES[vendor], 'zh')] as const,
  ])
  return new Map([['README.md', overview()], ...each])
}

function fileOf(vendor: Vendor, language: Language): string {
  return `${vendor}${language === 'zh' ? '.zh' : ''}.md`
}

function overview(): string {
  const rows = VENDORS.map((vendor) => {
    const { title } = GUIDES[vendor]
    return `| [${title.en}](${fileOf(vendor, 'en')}) | [${title.zh}](${fileOf(vendor, 'zh')}) |`
  })
  return `${['# Setting up chats · 接入聊天', MADE, WORDS.en.overview, WORDS.zh.overview, ['| English | 中文 |', '|---|---|', ...rows].join('\n')].join('\n\n')}\n`
}

const MADE =
  '<!-- Made by scripts/make-setup-docs.ts from the guides in src/bot/adapters. Change it there. -->'

function setupDocument(guide: SetupGuide, language: Language): string {
  const t = WORDS[language]
  const { vendor, title, summary } = guide
  const other = language === 'zh' ? 'en' : 'zh'
  const parts = [
    `# ${title[language]}`,
    MADE,
    `[${t.otherLanguage}](${fileOf(vendor, other)}) · [${t.others}](README.md)`,
    summary[language],
    `## ${t.where}`,
    t.whereText(vendor),
    fieldTable(guide, language),
    `## ${t.steps}`,
    ...guide.steps.flatMap((step, index) => [
      `### ${index + 1}. ${step.title[language]}`,
      step.text[language],
    ]),
    `## ${t.check}`,
    t.checkText(vendor),
    ...section(
      t.scopes,
      guide.scopes.map(({ name, why }) => `| \`${name}\` | ${why[language]} |`),
      t.scopeHead,
    ),
    ...section(
      t.troubles,
      guide.troubles.map(({ seen, cure }) => `| ${cell(seen[language])} | ${cell(cure[language])} |`),
      t.troubleHead,
    ),
    ...section(
      t.limits,
      guide.limits.map((limit) => `- ${limit[language]}`),
    ),
  ]
  return `${parts.map(withoutTags).join('\n\n')}\n`
}

function fieldTable({ fields }: SetupGuide, language: Language): string {
  const t = WORDS[language]
  const rows = fields.map(({ env, label, hint, secret, required }) => {
    const marks = [required ? t.required : t.optional, ...(secret ? [t.secret] : [])]
    return `| \`${env}\` | ${label[language]} | ${cell(hint[language])} | ${marks.join(t.comma)} |`
  })
  return [...t.fieldHead, ...rows].join('\n')
}

function section(title: string, lines: readonly string[], head: readonly string[] = []): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, [...head, ...lines].join('\n')]
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** `<your host>` is a tag to who draws Markdown, outside of code. */
function withoutTags(part: string): string {
  if (part.startsWith('<!--')) return part
  return part
    .split(/(```[\s\S]*?```|`[^`\n]*`)/)
    .map((piece, index) => (index % 2 === 1 ? piece : piece.replaceAll('<', '&lt;')))
    .join('')
}

const WORDS = {
  en: {
    overview:
      'Each guide names every step in the console of the platform, the permissions, what to enter, and what to do when it does not work. The page of Sluice shows the same at `/setup`, with fields to fill in, a check and a test card.',
    otherLanguage: '中文',
    others: 'All chat platforms',
    where: 'What to enter, and where',
    whereText: (vendor: Vendor) =>
      `An admin enters it on the page of Sluice, at \`/setup/${vendor}\`: it takes effect at once, and secrets rest encrypted. For machines without a page, set the same in the environment, or in lower case in \`sluice.yaml\`, and restart; the environment wins over the page. The steps below say where each value is found.`,
    fieldHead: ['| environment | field | where it is found | |', '|---|---|---|---|'],
    required: 'needed',
    optional: 'optional',
    secret: 'secret',
    comma: ', ',
    steps: 'Steps',
    check: 'Check it',
    checkText: (vendor: Vendor) => checkEn(vendor),
    scopes: 'Permissions, exactly',
    scopeHead: ['| permission | what for |', '|---|---|'],
    troubles: 'When it does not work',
    troubleHead: ['| what you see | what helps |', '|---|---|'],
    limits: 'What it cannot do',
  },
  zh: {
    overview:
      '每份指南都写明平台控制台里的每一步、需要的权限、要填写的内容，以及不能用时怎么办。Sluice 网页的 `/setup` 有同样的内容，并且可以直接填写、检查和发测试卡片。',
    otherLanguage: 'English',
    others: '所有聊天平台',
    where: '填什么，填在哪里',
    whereText: (vendor: Vendor) =>
      `管理员在 Sluice 网页的 \`/setup/${vendor}\` 填写：立即生效，密钥加密保存。没有网页的机器，用环境变量设置同样的内容（或在 \`sluice.yaml\` 里用小写名称），然后重启；环境变量优先于网页。每个值在哪里找到，见下面的步骤。`,
    fieldHead: ['| 环境变量 | 字段 | 在哪里找到 | |', '|---|---|---|---|'],
    required: '必填',
    optional: '可选',
    secret: '密钥',
    comma: '，',
    steps: '步骤',
    check: '检查',
    checkText: (vendor: Vendor) => checkZh(vendor),
    scopes: '需要的权限',
    scopeHead: ['| 权限 | 用途 |', '|---|---|'],
    troubles: '不能用时怎么办',
    troubleHead: ['| 看到的现象 | 怎么办 |', '|---|---|'],
    limits: '做不到的',
  },
} as const satisfies Record<Language, object>

// Slack keeps lines that begin with another slash to itself.
const SAYS_LINK: Readonly<Record<Vendor, string | null>> = {
  feishu: '/link CODE',
  dingtalk: '/link CODE',
  wecom: '/link CODE',
  slack: '/sluice link CODE',
  email: null,
}

function checkEn(vendor: Vendor): string {
  const says = SAYS_LINK[vendor]
  const link =
    says === null
      ? 'Your member needs an e-mail address: `sluice member add` and `/member add` take one.'
      : `Make yourself known there: say \`/link\` on the page of Sluice, and send \`${says}\` to Sluice in a conversation of two, with the code that you got.`
  return [
    `1. Press **Check** at \`/setup/${vendor}\`, or run \`sluice doctor chat ${vendor}\` on the server. Every line says what is right or wrong, and what to do.`,
    `2. ${link}`,
    `3. Press **Send me a test card** at \`/setup/${vendor}\`, and then the button on the card. The page shows that it was sent, that it arrived, and that it was pressed.`,
  ].join('\n')
}

function checkZh(vendor: Vendor): string {
  const says = SAYS_LINK[vendor]
  const link =
    says === null
      ? '您的成员资料里要有邮箱：`sluice member add` 和 `/member add` 都可以填写。'
      : `让那边认识您：在 Sluice 网页里说 \`/link\` 得到绑定码，再给 Sluice 发私聊消息 \`${says}\`（CODE 换成绑定码）。`
  return [
    `1. 在 \`/setup/${vendor}\` 点 **检查**，或在服务器上运行 \`sluice doctor chat ${vendor}\`。每一行都会说明是否正常，以及怎么办。`,
    `2. ${link}`,
    `3. 在 \`/setup/${vendor}\` 点 **给我发一张测试卡片**，再点卡片上的按钮。页面会显示已发出、已送达、已点击。`,
  ].join('\n')
}
