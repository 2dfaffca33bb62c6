import type { Both } from '../../grammar/spec.ts'
import type { Finding, SetupGuide } from '../adapter.ts'

/** Permissions of the bot, as they are listed under "Bot Token Scopes". */
export const SCOPES = [
  {
    name: 'app_mentions:read',
    why: { zh: '在频道里被 @ 时听到', en: 'hears that it is mentioned in a channel' },
  },
  {
    name: 'channels:history',
    why: { zh: '在公开频道确认消息是否已发出', en: 'finds its own messages in public channels' },
  },
  {
    name: 'channels:read',
    why: {
      zh: '公开频道的名称，以及何时被加入或移出',
      en: 'names of public channels; being added and removed',
    },
  },
  { name: 'chat:write', why: { zh: '发送和更新卡片', en: 'posts and updates cards' } },
  {
    name: 'chat:write.public',
    why: { zh: '无需先加入即可在公开频道发卡片', en: 'posts in public channels without joining' },
  },
  { name: 'commands', why: { zh: '斜杠命令 /sluice', en: 'the command /sluice' } },
  { name: 'files:write', why: { zh: '上传日报中的图表', en: 'uploads the charts of the digest' } },
  {
    name: 'groups:history',
    why: { zh: '在私有频道确认消息是否已发出', en: 'finds its own messages in private channels' },
  },
  {
    name: 'groups:read',
    why: {
      zh: '私有频道的名称，以及何时被加入或移出',
      en: 'names of private channels; being added and removed',
    },
  },
  { name: 'im:history', why: { zh: '听到私信', en: 'hears direct messages' } },
  { name: 'im:write', why: { zh: '打开私信会话', en: 'opens direct messages' } },
  { name: 'users:read', why: { zh: '姓名，以及谁已离开', en: 'names, and who has left' } },
  { name: 'users:read.email', why: { zh: '按邮箱关联成员', en: 'links members by e-mail' } },
] as const satisfies SetupGuide['scopes']

/** Under "Subscribe to bot events". */
export const BOT_EVENTS = [
  'app_mention',
  'channel_left',
  'group_left',
  'member_joined_channel',
  'message.im',
  'user_change',
] as const

const REQUEST_URL = 'https://sluice.example.com/chat/slack'

/** What the console takes under "From a manifest". Without a URL: socket mode. */
export function manifest(requestUrl: string | null): string {
  const url = requestUrl === null ? {} : { request_url: requestUrl }
  return JSON.stringify(
    {
      display_information: { name: 'Sluice', description: 'Runs and watches Apache Flink jobs' },
      features: {
        app_home: {
          home_tab_enabled: false,
          messages_tab_enabled: true,
          messages_tab_read_only_enabled: false,
        },
        bot_user: { display_name: 'Sluice', always_online: true },
        slash_commands: [
          {
            command: '/sluice',
            ...(requestUrl !== null && { url: requestUrl }),
            description: 'Flink jobs',
            usage_hint: 'job list',
            should_escape: true,
          },
        ],
      },
      oauth_config: { scopes: { bot: SCOPES.map(({ name }) => name) } },
      settings: {
        event_subscriptions: { ...url, bot_events: BOT_EVENTS },
        interactivity: { is_enabled: true, ...url },
        org_deploy_enabled: false,
        socket_mode_enabled: requestUrl === null,
        token_rotation_enabled: false,
      },
    },
    null,
    2,
  )
}

const fence = (text: string) => `\n\n\`\`\`json\n${text}\n\`\`\``

export const SLACK_GUIDE: SetupGuide = {
  vendor: 'slack',
  title: { zh: 'Slack', en: 'Slack' },
  summary: {
    zh: '完成后：在任何频道用 `/sluice job list`，或 @Sluice，或私信 Sluice；卡片带按钮和表单，原地更新。需要能在工作区安装应用的人，约 10 分钟。默认用 Socket Mode，Sluice 主动连接 Slack，不需要公网地址。没有：短信、电话、可以更新的仅一人可见的卡片。',
    en: 'Afterwards people type `/sluice job list` in any channel, mention @Sluice or write to it directly; cards have buttons and forms and update in place. It takes somebody who may install apps, and about 10 minutes. With Socket Mode, the default here, Sluice connects to Slack and needs no public address. Not there: text messages, phone calls, cards for one person’s eyes that can be updated.',
  },
  fields: [
    {
      name: 'botToken',
      env: 'SLACK_BOT_TOKEN',
      label: { zh: 'Bot User OAuth Token', en: 'Bot User OAuth Token' },
      hint: {
        zh: 'api.slack.com/apps → 你的应用 → OAuth & Permissions → OAuth Tokens；以 xoxb- 开头',
        en: 'api.slack.com/apps → your app → OAuth & Permissions → OAuth Tokens; begins with xoxb-',
      },
      secret: true,
      required: true,
    },
    {
      name: 'appToken',
      env: 'SLACK_APP_TOKEN',
      label: { zh: 'App-Level Token（Socket Mode）', en: 'App-Level Token (Socket Mode)' },
      hint: {
        zh: 'Basic Information → App-Level Tokens → Generate Token and Scopes，权限 connections:write；以 xapp- 开头。填了它就不需要 Signing Secret',
        en: 'Basic Information → App-Level Tokens → Generate Token and Scopes, scope connections:write; begins with xapp-. With it no signing secret is needed',
      },
      secret: true,
      required: false,
    },
    {
      name: 'signingSecret',
      env: 'SLACK_SIGNING_SECRET',
      label: { zh: 'Signing Secret（Request URL 方式）', en: 'Signing Secret (request URL)' },
      hint: {
        zh: 'Basic Information → App Credentials → Signing Secret → Show。仅在没有 App-Level Token 时使用',
        en: 'Basic Information → App Credentials → Signing Secret → Show. Used only without an app-level token',
      },
      secret: true,
      required: false,
    },
    {
      name: 'apiUrl',
      env: 'SLACK_API_URL',
      label: { zh: 'API 地址', en: 'API address' },
      hint: {
        zh: '留空即 https://slack.com/api/；GovSlack 填 https://slack-gov.com/api/',
        en: 'empty: https://slack.com/api/; for GovSlack https://slack-gov.com/api/',
      },
      secret: false,
      required: false,
    },
  ],
  steps: [
    {
      title: { zh: '创建应用', en: 'Create the app' },
      text: {
        zh: `用要安装到的工作区的账号登录，打开 https://api.slack.com/apps ，点 **Create New App**，选 **From a manifest**，选择工作区，点 **Next**，切到 **JSON**，删去框里的内容，粘贴下面全文，点 **Next**，再点 **Create**。权限、事件、按钮、表单和斜杠命令都由它设好。${fence(manifest(null))}`,
        en: `Signed in to the workspace it is for, open https://api.slack.com/apps, press **Create New App**, choose **From a manifest**, pick the workspace, press **Next**, switch to **JSON**, delete what stands there, paste all of the text below, press **Next**, then **Create**. It sets permissions, events, buttons, forms and the slash command.${fence(manifest(null))}`,
      },
    },
    {
      title: { zh: '生成 App-Level Token', en: 'Make the app-level token' },
      text: {
        zh: '左侧 **Basic Information**，向下到 **App-Level Tokens**，点 **Generate Token and Scopes**。Token Name 填 `sluice`，点 **Add Scope**，选 `connections:write`，点 **Generate**。复制以 `xapp-` 开头的令牌，填到 Sluice 的设置页（或 `SLACK_APP_TOKEN`）。',
        en: 'On the left **Basic Information**, down to **App-Level Tokens**, press **Generate Token and Scopes**. Token Name `sluice`, press **Add Scope**, choose `connections:write`, press **Generate**. Copy the token that begins with `xapp-` to the setup page of Sluice (or `SLACK_APP_TOKEN`).',
      },
    },
    {
      title: { zh: '安装到工作区', en: 'Install it' },
      text: {
        zh: '左侧 **OAuth & Permissions**（有些界面叫 **Install App**），点 **Install to <工作区>**，再点 **Allow**。如果显示 **Request to Install**，点它并等管理员在通知里批准。之后同一页出现 **Bot User OAuth Token**，复制以 `xoxb-` 开头的令牌，填到设置页（或 `SLACK_BOT_TOKEN`）。',
        en: 'On the left **OAuth & Permissions** (in some consoles **Install App**), press **Install to <workspace>**, then **Allow**. If it says **Request to Install**, press that and wait until an admin approves it from their notification. The same page then shows the **Bot User OAuth Token**: copy the token that begins with `xoxb-` to the setup page (or `SLACK_BOT_TOKEN`).',
      },
    },
    {
      title: { zh: '保存并试一下', en: 'Save, and try it' },
      text: {
        zh: '在 Sluice 的设置页点「保存」；用环境变量时，用这两个设置启动 Sluice。在 Slack 左下 **Apps**（应用）里点 **Sluice**；没有看到就点 **Add apps**（添加应用）搜索。在 **Messages**（消息）里写 `/sluice help` 或 `help`。频道里：发 `/invite @Sluice` 把它请进来，然后 `@Sluice job list`。公开频道里 `/sluice job list` 不请也能用；私有频道必须先请进来，否则回答会发到你的私信。',
        en: 'Press Save on the setup page of Sluice; with environment variables, start it with these two settings. In Slack, at **Apps** low in the sidebar, open **Sluice**; if it is not there press **Add apps** and search for it. Under **Messages** write `/sluice help`, or just `help`. In a channel send `/invite @Sluice`, then `@Sluice job list`. In public channels `/sluice job list` works without an invitation; in private ones invite it first, or the answer comes to your direct messages.',
      },
    },
    {
      title: { zh: '不用 Socket Mode 时：Request URL', en: 'Instead of Socket Mode: a request URL' },
      text: {
        zh: `只在不允许长连接时需要；Slack 必须能通过 https 访问到 Sluice。三处地址都是同一个：\`${REQUEST_URL}\`（换成你的域名）。左侧 **Socket Mode**，关闭 **Enable Socket Mode**。**Basic Information** → **App Credentials** → **Signing Secret** → **Show**，填到设置页的 Signing Secret（\`SLACK_SIGNING_SECRET\`），App-Level Token（\`SLACK_APP_TOKEN\`）清除，并先保存或启动 Sluice。然后：**Event Subscriptions** → **Enable Events** 打开 → **Request URL** 填地址，等到出现 **Verified** → **Save Changes**；**Interactivity & Shortcuts** → **Request URL** → **Save Changes**；**Slash Commands** → \`/sluice\` 的铅笔 → **Request URL** → **Save**。代理不得改动请求体和 \`X-Slack-*\` 请求头。或者在 **App Manifest** 里粘贴：${fence(manifest(REQUEST_URL))}`,
        en: `Only where long connections are not allowed; Slack must reach Sluice by https. All three places take the same address: \`${REQUEST_URL}\` (with your host). On the left **Socket Mode**, switch **Enable Socket Mode** off. **Basic Information** → **App Credentials** → **Signing Secret** → **Show** to the field Signing Secret (\`SLACK_SIGNING_SECRET\`); take the app-level token (\`SLACK_APP_TOKEN\`) away; save, or start Sluice, first. Then **Event Subscriptions** → switch **Enable Events** on → **Request URL**, wait for **Verified** → **Save Changes**; **Interactivity & Shortcuts** → **Request URL** → **Save Changes**; **Slash Commands** → the pencil of \`/sluice\` → **Request URL** → **Save**. A proxy must leave the body and the \`X-Slack-*\` headers alone. Or paste this under **App Manifest**:${fence(manifest(REQUEST_URL))}`,
      },
    },
    {
      title: { zh: '权限或事件改动之后', en: 'After a change of scopes or events' },
      text: {
        zh: '页面上方会出现黄色提示，点 **reinstall your app**，再点 **Allow**。不重新安装，改动不会生效。令牌不变。',
        en: 'A yellow bar appears at the top: press **reinstall your app**, then **Allow**. Without that the change has no effect. The token stays the same.',
      },
    },
  ],
  scopes: SCOPES,
  troubles: [
    {
      seen: {
        zh: '`invalid_auth`、`token_revoked` 或 `account_inactive`',
        en: '`invalid_auth`, `token_revoked` or `account_inactive`',
      },
      cure: {
        zh: 'Bot Token 不对或已撤销：在 **OAuth & Permissions** 点 **Reinstall**，再复制 **Bot User OAuth Token**。',
        en: 'The bot token is wrong or was revoked: press **Reinstall** under **OAuth & Permissions** and copy the **Bot User OAuth Token** again.',
      },
    },
    {
      seen: { zh: '检查：没有连接到 Slack', en: 'The check says: not connected to Slack' },
      cure: {
        zh: 'App-Level Token 要有 `connections:write`，**Socket Mode** 要打开；服务器要能访问 `slack.com` 和 `*.slack.com` 的 443 端口，代理要允许 WebSocket。',
        en: 'The app-level token needs `connections:write`, and **Socket Mode** must be on; the server must reach port 443 of `slack.com` and `*.slack.com`, and proxies must let WebSockets through.',
      },
    },
    {
      seen: { zh: '`missing_scope`', en: '`missing_scope`' },
      cure: {
        zh: '在 **OAuth & Permissions** → **Bot Token Scopes** 补上缺的权限，点 **reinstall your app**，再点 **Allow**。',
        en: 'Add what is missing under **OAuth & Permissions** → **Bot Token Scopes**, press **reinstall your app**, then **Allow**.',
      },
    },
    {
      seen: { zh: '`not_in_channel` 或 `channel_not_found`', en: '`not_in_channel` or `channel_not_found`' },
      cure: { zh: '在那个频道发 `/invite @Sluice`。', en: 'Send `/invite @Sluice` in that channel.' },
    },
    {
      seen: {
        zh: '输入 `/job list`，Slack 说不是有效的命令',
        en: 'Slack says that `/job list` is not a valid command',
      },
      cure: {
        zh: '以 / 开头的行归 Slack：输入 `/sluice job list`，或在私信里写 `job list`。',
        en: 'Slack keeps lines that begin with /: type `/sluice job list`, or `job list` in a direct message.',
      },
    },
    {
      seen: { zh: '私信里没有输入框', en: 'There is no box to write in under Messages' },
      cure: {
        zh: '左侧 **App Home** → **Show Tabs** → 打开 **Messages Tab**，并勾选 **Allow users to send Slash commands and messages from the messages tab**。',
        en: 'On the left **App Home** → **Show Tabs** → switch **Messages Tab** on, and tick **Allow users to send Slash commands and messages from the messages tab**.',
      },
    },
    {
      seen: { zh: '`dispatch_failed` 或命令超时', en: '`dispatch_failed`, or a command times out' },
      cure: {
        zh: 'Sluice 没有运行或没有连接；用 Request URL 时，地址不能从公网访问：运行检查。',
        en: 'Sluice does not run or is not connected; with a request URL, Slack cannot reach it: run the check.',
      },
    },
  ],
  limits: [
    {
      zh: '没有短信和电话：升级时用私信提醒，其他方式由别的渠道承担。',
      en: 'No text messages and no calls: escalation rings by direct message, and other chats do the rest.',
    },
    {
      zh: '仅一人可见的消息无法更新，所以私密的卡片发到私信。',
      en: 'A message for one person’s eyes cannot be updated, so private cards go to direct messages.',
    },
    {
      zh: '卡片没有颜色：标题前的圆点表示状态。',
      en: 'Cards have no colour: the dot before the title tells how it is.',
    },
    {
      zh: '一条消息只有一个表格，正文约 12,000 个字符；更多内容以等宽文本显示或分页。',
      en: 'One table per message, and about 12,000 characters; the rest is shown as fixed-width text or on further pages.',
    },
    {
      zh: '以 / 开头的一行归 Slack 自己：卡片上写着 `/job list` 的地方，输入 `/sluice job list`，或在私信里、@Sluice 之后写 `job list`。',
      en: 'Slack keeps lines that begin with / to itself: where a card says `/job list`, type `/sluice job list`, or `job list` in a direct message or after @Sluice.',
    },
    {
      zh: '斜杠命令不能在消息列（thread）里使用；在那里请 @Sluice；回答发在频道里，不在消息列里。',
      en: 'Slash commands do not work inside threads; mention @Sluice there; the answer stands in the channel.',
    },
    {
      zh: '编辑过的消息不算：要执行请重新发送。',
      en: 'An edited message counts for nothing: send it again.',
    },
    {
      zh: '一个工作区；其他公司在共享频道里的人不被受理。',
      en: 'One workspace; people of other companies in shared channels are not heard.',
    },
  ],
}

// --- what the checks say --------------------------------------------------------------------------------------------

const fine = (of: string, says: Both): Finding => ({ of, is: 'ok', says, cure: null })

export const FINDINGS = {
  tokenOk: (team: string, user: string) =>
    fine('token', { zh: `在工作区 ${team} 中是 @${user}`, en: `In workspace ${team} it is @${user}` }),

  tokenRefused: (code: string): Finding => ({
    of: 'token',
    is: 'fail',
    says: { zh: `Slack 不接受 Bot Token：${code}`, en: `Slack does not take the bot token: ${code}` },
    cure: {
      zh: '在 OAuth & Permissions 复制 Bot User OAuth Token（xoxb-）到 SLACK_BOT_TOKEN；若已撤销，先点 Reinstall。若代码是 timeout 或网络错误，检查到 slack.com:443 的出口',
      en: 'Copy the Bot User OAuth Token (xoxb-) from OAuth & Permissions into SLACK_BOT_TOKEN; if it was revoked, press Reinstall first. If the code is timeout or of the network, look at the way out to slack.com:443',
    },
  }),

  scopesOk: fine('scopes', { zh: '权限齐全', en: 'All scopes are granted' }),

  scopesUnknown: {
    of: 'scopes',
    is: 'warn',
    says: { zh: 'Slack 没有说明授予了哪些权限', en: 'Slack did not say which scopes are granted' },
    cure: {
      zh: '对照 OAuth & Permissions → Bot Token Scopes',
      en: 'Compare OAuth & Permissions → Bot Token Scopes',
    },
  } as Finding,

  scopesMissing: (missing: readonly string[]): Finding => ({
    of: 'scopes',
    is: missing.some((name) => NEEDED.has(name)) ? 'fail' : 'warn',
    says: { zh: `缺少权限：${missing.join('、')}`, en: `Missing scopes: ${missing.join(', ')}` },
    cure: {
      zh: 'OAuth & Permissions → Bot Token Scopes → Add an OAuth Scope，加上后点 reinstall your app',
      en: 'OAuth & Permissions → Bot Token Scopes → Add an OAuth Scope, then press reinstall your app',
    },
  }),

  eventsOk: fine('events', { zh: 'Slack 的事件能到达', en: 'Events of Slack arrive' }),

  noCallYet: {
    of: 'events',
    is: 'warn',
    says: { zh: 'Slack 还没有调用过 /chat/slack', en: 'Slack has not called /chat/slack yet' },
    cure: {
      zh: '在 Event Subscriptions 填 Request URL，等到出现 Verified；再给机器人发一句话',
      en: 'Enter the Request URL under Event Subscriptions until it says Verified, then write to the bot',
    },
  } as Finding,

  notConnected: (by: 'socket' | 'http', because: string | null): Finding => ({
    of: 'events',
    is: 'fail',
    says: {
      zh: `没有连接到 Slack${because === null ? '' : `：${because}`}`,
      en: `Not connected to Slack${because === null ? '' : `: ${because}`}`,
    },
    cure:
      by === 'socket'
        ? {
            zh: 'Basic Information → App-Level Tokens：令牌（xapp-，connections:write）须与 SLACK_APP_TOKEN 相同；Socket Mode → Enable Socket Mode 须打开；出口须允许到 *.slack.com:443 的 WebSocket',
            en: 'Basic Information → App-Level Tokens: the token (xapp-, connections:write) must be that of SLACK_APP_TOKEN; Socket Mode → Enable Socket Mode must be on; WebSockets to *.slack.com:443 must be let out',
          }
        : { zh: '先让 Bot Token 有效', en: 'First make the bot token work' },
  }),
}

/** Without these nothing works; without the others something is missing. */
const NEEDED = new Set<string>([
  'app_mentions:read',
  'chat:write',
  'commands',
  'im:history',
  'im:write',
  'users:read',
])
