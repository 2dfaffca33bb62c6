import { z } from 'zod'
import type { Both } from '../../grammar/spec.ts'
import type { Connection, Finding } from '../adapter.ts'
import { type Failure, type Reply, wordsOf } from './outcome.ts'
import type { FeishuSetup } from './settings.ts'

interface Checked {
  api: {
    token(): Promise<Reply>
    call(ask: { method: 'GET'; path: string }): Promise<Reply>
  }
  setup: FeishuSetup
  connection: Connection
  /** When an event came last; null: none since we run. */
  heardAt: number | null
}

const botBody = z.object({
  bot: z.object({ app_name: z.string().catch(''), activate_status: z.number().optional().catch(undefined) }),
})

/** Looks without telling anybody anything. */
export async function checkFeishu(checked: Checked): Promise<readonly Finding[]> {
  const token = await checked.api.token()
  if (token.is !== 'done') return [tokenFailed(token), ...eventFindings(checked)]
  const bot = await checked.api.call({ method: 'GET', path: '/open-apis/bot/v3/info' })
  return [
    ok('token', '凭证有效', 'App ID and App Secret are taken'),
    botFinding(bot),
    ...eventFindings(checked),
  ]
}

function ok(of: string, zh: string, en: string): Finding {
  return { of, is: 'ok', says: { zh, en }, cure: null }
}

function tokenFailed(failure: Failure): Finding {
  const { code, message } = wordsOf(failure)
  return {
    of: 'token',
    is: 'fail',
    says: { zh: `拿不到访问凭证（${code}：${message}）`, en: `No token was given (${code}: ${message})` },
    cure:
      failure.is === 'unreached'
        ? {
            zh: '检查本机到开放平台域名的网络和 FEISHU_BASE_URL',
            en: 'Check the network to the platform, and FEISHU_BASE_URL',
          }
        : {
            zh: '在「凭证与基础信息」里重新复制 App ID 和 App Secret',
            en: 'Copy App ID and App Secret again from Credentials & Basic Info',
          },
  }
}

// 2: the app is released and switched on in the company.
const ACTIVE = 2

function botFinding(reply: Reply): Finding {
  const read = botBody.safeParse(reply.is === 'done' ? reply.body : null)
  if (!read.success)
    return {
      of: 'bot',
      is: 'fail',
      says: { zh: '应用还没有机器人能力', en: 'The app has no bot yet' },
      cure: {
        zh: '「添加应用能力」里添加「机器人」，然后创建版本并发布',
        en: 'Add Bot under Add Features, then create a version and release it',
      },
    }
  const { app_name, activate_status } = read.data.bot
  if (activate_status === undefined || activate_status === ACTIVE)
    return ok('bot', `机器人「${app_name}」已就绪`, `The bot ${app_name} is there`)
  return {
    of: 'bot',
    is: 'warn',
    says: { zh: `机器人「${app_name}」尚未启用`, en: `The bot ${app_name} is not switched on` },
    cure: {
      zh: '创建版本并发布，由管理员审核通过',
      en: 'Create a version, release it, and have an admin approve it',
    },
  }
}

function eventFindings({ setup, connection, heardAt }: Checked): Finding[] {
  return [connectionFinding(setup, connection), sendingFinding(heardAt)]
}

function connectionFinding(setup: FeishuSetup, connection: Connection): Finding {
  if (setup.mode === 'webhook' && setup.encryptKey === null)
    return failed('events', {
      says: {
        zh: 'Webhook 模式缺少 Encrypt Key，无法验证来电，因此不接收任何事件',
        en: 'Webhook mode has no Encrypt Key: calls could not be verified, so none is taken',
      },
      cure: {
        zh: '「事件与回调 - 加密策略」里设置 Encrypt Key，填入 FEISHU_ENCRYPT_KEY；或改用长连接（FEISHU_MODE=socket）',
        en: 'Set an Encrypt Key under Events & Callbacks - Encryption Strategy as FEISHU_ENCRYPT_KEY, or use FEISHU_MODE=socket',
      },
    })
  switch (connection.is) {
    case 'connected':
      return ok('events', '长连接已建立', 'The long connection stands')
    case 'waiting-for-calls':
      return connection.lastAt === null
        ? warned('events', WAITING)
        : ok('events', '事件正在送达', 'Events arrive')
    case 'connecting':
      return failed('events', {
        says: {
          zh: `长连接未建立${connection.because ? `（${connection.because}）` : ''}，正在重试`,
          en: `The long connection is down${connection.because ? ` (${connection.because})` : ''}; trying again`,
        },
        cure: {
          zh: '「事件与回调」的「订阅方式」选「使用长连接接收事件」，回调同样选择',
          en: 'Choose long connection as the subscription mode of events, and of callbacks, under Events & Callbacks',
        },
      })
    case 'stopped':
    case 'outgoing-only':
      return warned('events', {
        says: { zh: '连接已停止', en: 'The connection is stopped' },
        cure: { zh: '启动服务后再检查', en: 'Check again once the server runs' },
      })
  }
}

type Words = { says: Both; cure: Both }

const WAITING: Words = {
  says: { zh: '还没有收到过事件', en: 'No event came yet' },
  cure: {
    zh: '「事件与回调」里填写请求地址 https://<你的域名>/chat/feishu 并保存',
    en: 'Enter https://<your host>/chat/feishu as the request URL under Events & Callbacks, and save',
  },
}

/** Nothing is sent to find out: who wrote to the bot has shown that it works. */
function sendingFinding(heardAt: number | null): Finding {
  if (heardAt !== null) return ok('sending', '已收到过消息或点击', 'Words or taps have come in')
  return warned('sending', {
    says: {
      zh: '收发权限还没有被实际验证：启动以来没有收到过任何消息',
      en: 'Permissions to hear and to send are not proved yet: nothing came in since the start',
    },
    cure: {
      zh: '给机器人发一句 /help；没有回应就核对「权限管理」里的权限，并重新发布版本',
      en: 'Say /help to the bot; if it is silent, compare the permissions under Permissions & Scopes, and release a new version',
    },
  })
}

function failed(of: string, { says, cure }: Words): Finding {
  return { of, is: 'fail', says, cure }
}

function warned(of: string, { says, cure }: Words): Finding {
  return { of, is: 'warn', says, cure }
}
