import { z } from 'zod'
import type { Both } from '../../grammar/spec.ts'
import type { Connection, Finding } from '../adapter.ts'
import { type Answer, type Failure, wordsOf } from './answers.ts'
import type { WecomSetup } from './settings.ts'

export interface Looked {
  token: Answer
  /** Null: not asked, without a token. */
  agent: Answer | null
  directory: Answer | null
  calledAt: number | null
  /** Null: no robot is set up. */
  robot: Connection | null
}

/** In the order of the guide. */
export function findingsOf(looked: Looked, setup: WecomSetup): readonly Finding[] {
  return [
    tokenFinding(looked.token),
    ...(looked.agent ? [agentFinding(looked.agent)] : []),
    callbackFinding(setup, looked.calledAt),
    ...(looked.directory ? [directoryFinding(looked.directory)] : []),
    robotFinding(looked.robot),
  ]
}

function ok(of: string, zh: string, en: string): Finding {
  return { of, is: 'ok', says: { zh, en }, cure: null }
}

function told(failure: Failure): string {
  const { code, message } = wordsOf(failure)
  return `${code}: ${message}`
}

const UNTRUSTED_IP = 60020

function tokenFinding(token: Answer): Finding {
  if (token.is === 'ok') return ok('token', '凭证有效', 'Corp ID and Secret are taken')
  const says = { zh: `拿不到访问凭证（${told(token)}）`, en: `No token was given (${told(token)})` }
  return { of: 'token', is: 'fail', says, cure: tokenCure(token) }
}

function tokenCure(failure: Failure): Both {
  if (failure.is !== 'error')
    return {
      zh: '检查本机到 qyapi.weixin.qq.com 的网络和 WECOM_BASE_URL',
      en: 'Check the network to qyapi.weixin.qq.com, and WECOM_BASE_URL',
    }
  return failure.code === UNTRUSTED_IP ? TRUST_IP : COPY_AGAIN
}

const TRUST_IP: Both = {
  zh: '在应用详情页的「企业可信IP」里加入本机的公网出口 IP',
  en: "Add this server's public address to Trusted IPs (企业可信IP) on the app's page",
}
const COPY_AGAIN: Both = {
  zh: '重新复制「我的企业」的企业 ID 和应用详情页的 Secret',
  en: "Copy the corp ID (企业ID) from My Company, and the Secret from the app's page, again",
}

const agentBody = z.object({ name: z.string().catch(''), close: z.number().catch(0) })

function agentFinding(agent: Answer): Finding {
  if (agent.is !== 'ok')
    return {
      of: 'app',
      is: 'fail',
      says: {
        zh: `AgentId 不属于这个 Secret（${told(agent)}）`,
        en: `The AgentId does not belong to this Secret (${told(agent)})`,
      },
      cure: agent.is === 'error' && agent.code === UNTRUSTED_IP ? TRUST_IP : AGENT_CURE,
    }
  const { name, close } = agentBody.catch({ name: '', close: 0 }).parse(agent.body)
  if (close === 0) return ok('app', `应用「${name}」已就绪`, `The app ${name} is there`)
  return {
    of: 'app',
    is: 'fail',
    says: { zh: `应用「${name}」已停用`, en: `The app ${name} is switched off` },
    cure: { zh: '在应用详情页启用它', en: "Switch it on at the app's page" },
  }
}

const AGENT_CURE: Both = {
  zh: '在应用详情页复制 AgentId 到 WECOM_AGENT_ID',
  en: "Copy the AgentId from the app's page to WECOM_AGENT_ID",
}

function callbackFinding({ callback }: WecomSetup, calledAt: number | null): Finding {
  if (callback === null)
    return {
      of: 'events',
      is: 'warn',
      says: {
        zh: '没有设置接收消息：听不到单聊，卡片没有按钮',
        en: 'Receiving messages is not set up: nobody is heard in private, and cards have no buttons',
      },
      cure: {
        zh: '应用详情页「接收消息 - 设置API接收」，把 Token 和 EncodingAESKey 填到 WECOM_TOKEN 和 WECOM_AES_KEY',
        en: "On the app's page set API receiving (接收消息 - 设置API接收), with its Token and EncodingAESKey as WECOM_TOKEN and WECOM_AES_KEY",
      },
    }
  if (calledAt !== null) return ok('events', '回调正在送达', 'Calls arrive')
  return {
    of: 'events',
    is: 'warn',
    says: { zh: '启动以来还没有收到过回调', en: 'No call came in since the start' },
    cure: {
      zh: '给应用发一句 /help；没有回应就核对「接收消息」里的 URL：https://<你的域名>/chat/wecom',
      en: 'Say /help to the app; if it is silent, compare the URL under receiving messages (接收消息): https://<your host>/chat/wecom',
    },
  }
}

function directoryFinding(directory: Answer): Finding {
  if (directory.is === 'ok')
    return ok('directory', '可以读取可见范围内的成员', 'Members in sight of the app can be read')
  return {
    of: 'directory',
    is: 'warn',
    says: {
      zh: `读不到通讯录（${told(directory)}）`,
      en: `The directory cannot be read (${told(directory)})`,
    },
    cure: {
      zh: '在应用详情页的「可见范围」里加入要用它的部门',
      en: "Add the departments that are to use it to the app's visibility (可见范围)",
    },
  }
}

function robotFinding(robot: Connection | null): Finding {
  if (robot === null)
    return {
      of: 'robot',
      is: 'warn',
      says: {
        zh: '没有设置智能机器人：群里不能用',
        en: 'No smart robot is set up: groups cannot speak to Sluice',
      },
      cure: {
        zh: '创建智能机器人（长连接），填 WECOM_BOT_ID 和 WECOM_BOT_SECRET；不用群可以不管',
        en: 'Make a smart robot (long connection) and set WECOM_BOT_ID and WECOM_BOT_SECRET; leave it where no group needs it',
      },
    }
  if (robot.is === 'connected') return ok('robot', '机器人长连接已建立', "The robot's connection stands")
  if (robot.is !== 'connecting')
    return {
      of: 'robot',
      is: 'warn',
      says: { zh: '机器人的连接不在这个进程上', en: "The robot's connection is not with this process" },
      cure: {
        zh: '多副本时由其中一个保持连接，属于正常',
        en: 'Of several replicas one holds it: then all is well',
      },
    }
  const because = robot.because ?? '…'
  return {
    of: 'robot',
    is: 'fail',
    says: {
      zh: `机器人长连接未建立（${because}），正在重试`,
      en: `The robot's connection is down (${because}); trying again`,
    },
    cure: {
      zh: '核对 Bot ID 和 Secret，确认机器人用的是「长连接」而不是 URL 回调，并且没有别的程序用同一个机器人',
      en: 'Compare Bot ID and Secret, see that the robot uses the long connection (长连接) rather than a URL, and that no other program uses the same robot',
    },
  }
}
