import type { Connection, Finding } from '../adapter.ts'
import { type Answer, cardIsGone, failureOf } from './answers.ts'
import type { DingtalkSetup } from './settings.ts'

/** What was looked at, and what came of it. Null: not looked at, because an earlier one failed. */
export interface Looked {
  token: Answer
  /** An update of a card that there is not. */
  card: Answer | null
  directory: Answer | null
  connection: Connection
}

export function findingsOf(looked: Looked, { cardTemplateId }: DingtalkSetup): readonly Finding[] {
  const { token, card, directory, connection } = looked
  return [
    tokenFinding(token),
    eventsFinding(connection),
    ...(card === null ? [] : [cardFinding(card)]),
    ...(cardTemplateId === null ? [NO_TEMPLATE] : []),
    ...(directory === null ? [] : [directoryFinding(directory)]),
  ]
}

function tokenFinding(answer: Answer): Finding {
  if (answer.is === 'ok')
    return {
      of: 'token',
      is: 'ok',
      says: {
        zh: '钉钉接受了 Client ID 和 Client Secret',
        en: 'DingTalk takes the Client ID and Client Secret',
      },
      cure: null,
    }
  const { code, message } = failureOf(answer).said
  return {
    of: 'token',
    is: 'fail',
    says: {
      zh: `没有拿到访问凭证：${code} ${message}`,
      en: `DingTalk gave out no access token: ${code} ${message}`,
    },
    cure: {
      zh: '在开发者后台打开应用，从「凭证与基础信息」重新复制 Client ID 和 Client Secret',
      en: 'Open the app in the developer console and copy Client ID and Client Secret again from 凭证与基础信息 (Credentials)',
    },
  }
}

function eventsFinding(connection: Connection): Finding {
  const of = 'events'
  switch (connection.is) {
    case 'connected':
      return {
        of,
        is: 'ok',
        says: { zh: 'Stream 连接已建立', en: 'The stream connection is open' },
        cure: null,
      }
    case 'waiting-for-calls':
      return connection.lastAt === null
        ? {
            of,
            is: 'warn',
            says: { zh: '钉钉还没有调用过这里', en: 'DingTalk has not called here yet' },
            cure: {
              zh: '在群里 @ 机器人说一句话；没有反应时检查「消息接收地址」是否能从公网访问',
              en: 'Mention the robot in a group; if nothing comes, check that the 消息接收地址 (message URL) can be reached from outside',
            },
          }
        : { of, is: 'ok', says: { zh: '钉钉的调用能到达这里', en: 'Calls from DingTalk arrive' }, cure: null }
    default:
      return {
        of,
        is: 'fail',
        says: { zh: 'Stream 连接没有建立', en: 'The stream connection is not open' },
        cure: {
          zh: '机器人的「消息接收模式」选 Stream 模式并发布；服务器要能访问 api.dingtalk.com 和 wss-open-connection.dingtalk.com 的 443 端口',
          en: "Set the robot's 消息接收模式 (message receiving) to Stream and publish; the server must reach port 443 of api.dingtalk.com and wss-open-connection.dingtalk.com",
        },
      }
  }
}

function cardFinding(answer: Answer): Finding {
  const of = 'cards'
  if (answer.is === 'ok' || cardIsGone(answer))
    return {
      of,
      is: 'ok',
      says: { zh: '可以创建和更新卡片', en: 'Cards can be made and updated' },
      cure: null,
    }
  const failure = failureOf(answer)
  return {
    of,
    // Another refusal than of the permission says only that this was an odd question.
    is: failure.is === 'misconfigured' ? 'fail' : 'warn',
    says: {
      zh: `更新卡片被拒绝：${failure.said.code}`,
      en: `An update of a card was refused: ${failure.said.code}`,
    },
    cure: {
      zh: '在「权限管理」开通 Card.Instance.Write（互动卡片实例写权限），然后发布新版本',
      en: 'Grant Card.Instance.Write (互动卡片实例写权限) under 权限管理 (Permissions), then publish a new version',
    },
  }
}

const NO_TEMPLATE: Finding = {
  of: 'template',
  is: 'warn',
  says: {
    zh: '没有填写卡片模板 ID：消息是纯文字，没有按钮，也不会更新',
    en: 'There is no card template ID: messages are text, without buttons, and do not change',
  },
  cure: {
    zh: '把 deploy/dingtalk/sluice-card.json 导入卡片平台并发布，然后填写模板 ID',
    en: 'Import deploy/dingtalk/sluice-card.json into the card platform, publish it, and fill in its template ID',
  },
}

function directoryFinding(answer: Answer): Finding {
  const of = 'directory'
  if (answer.is === 'ok')
    return { of, is: 'ok', says: { zh: '可以读取通讯录', en: 'The directory can be read' }, cure: null }
  return {
    of,
    is: 'warn',
    says: {
      zh: `不能读取通讯录：${failureOf(answer).said.code}`,
      en: `The directory cannot be read: ${failureOf(answer).said.code}`,
    },
    cure: {
      zh: '需要自动关联成员时，开通通讯录的三项只读权限，并把授权范围设为要使用的部门',
      en: 'To link members by themselves, grant the three reading permissions of the directory and set their range to the departments concerned',
    },
  }
}
