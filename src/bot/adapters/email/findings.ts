import type { Both } from '../../grammar/spec.ts'
import type { Finding } from '../adapter.ts'
import { hostOf } from './address.ts'
import { postedOf, type SmtpTrouble, wordsOf } from './outcome.ts'
import { type EmailSetup, isThisMachine } from './settings.ts'

/** How the mail server answered when somebody looked. */
export type ServerSeen = { is: 'good'; encrypted: boolean } | { is: 'bad'; trouble: SmtpTrouble }

export function findingsOf(
  setup: EmailSetup,
  seen: ServerSeen,
  hide: (text: string) => string,
): readonly Finding[] {
  return [
    serverFinding(setup, seen, hide),
    ...tlsFinding(setup, seen),
    senderFinding(setup),
    linkFinding(setup),
  ]
}

function serverFinding(
  { server: { host, port } }: EmailSetup,
  seen: ServerSeen,
  hide: (text: string) => string,
): Finding {
  const place = `${host}:${port}`
  if (seen.is === 'good') {
    return ok('server', { en: `${place} lets us in`, zh: `${place} 可以登录` })
  }
  const { message } = wordsOf(seen.trouble, hide)
  const says = { en: `${place} does not let us in: ${message}`, zh: `${place} 无法登录：${message}` }
  return { of: 'server', is: 'fail', says, cure: cureOf(seen.trouble, hide) }
}

function cureOf(trouble: SmtpTrouble, hide: (text: string) => string): Both {
  if (trouble.code === 'EAUTH' || trouble.code === 'ENOAUTH') {
    return {
      en: 'Check user and password in SMTP_URL. Many providers want a password made for programs, not the one for signing in.',
      zh: '检查 SMTP_URL 里的账号和密码。多数邮箱要用“客户端专用密码 / 授权码”，不是登录密码。',
    }
  }
  if (trouble.code === 'ETLS') {
    return {
      en: 'The server offers no TLS on this port. Use smtps:// with port 465, or add ?requireTLS=false if the way there is safe.',
      zh: '服务器在这个端口上不提供 TLS。改用 smtps:// 加端口 465；如果线路可信，可加 ?requireTLS=false。',
    }
  }
  if (postedOf(trouble, hide).is === 'misconfigured') {
    return {
      en: 'Its certificate is not trusted here, or it does not take mail from this machine. Give the certificate authority by NODE_EXTRA_CA_CERTS, or ask the mail team to allow this machine.',
      zh: '它的证书不受信任，或者不接受这台机器的邮件。用 NODE_EXTRA_CA_CERTS 指定证书机构，或请邮件管理员放行这台机器。',
    }
  }
  return {
    en: 'Check host and port in SMTP_URL, and that this machine may reach them through the firewall.',
    zh: '检查 SMTP_URL 里的主机和端口，以及防火墙是否放行。',
  }
}

function tlsFinding({ server: { host } }: EmailSetup, seen: ServerSeen): Finding[] {
  if (seen.is === 'bad') return []
  if (seen.encrypted) {
    return [
      ok('tls', {
        en: 'The way there is encrypted, and its certificate is good',
        zh: '线路已加密，证书有效',
      }),
    ]
  }
  if (isThisMachine(host)) {
    return [ok('tls', { en: 'Not encrypted, on this machine', zh: '未加密，但不出本机' })]
  }
  return [
    {
      of: 'tls',
      is: 'warn',
      says: { en: 'The way to the mail server is not encrypted', zh: '到邮件服务器的线路未加密' },
      cure: {
        en: 'Use smtps:// with port 465, or add ?requireTLS=true once the server offers TLS.',
        zh: '改用 smtps:// 加端口 465，或在服务器支持 TLS 后加上 ?requireTLS=true。',
      },
    },
  ]
}

function senderFinding({ from: { address } }: EmailSetup): Finding {
  const says = { en: `Mails come from ${address}`, zh: `发件人是 ${address}` }
  if (hostOf(address).includes('.')) return ok('sender', says)
  return {
    of: 'sender',
    is: 'warn',
    says,
    cure: {
      en: 'Its domain has no dot, so mailboxes outside of this machine may refuse it: set MAIL_FROM.',
      zh: '域名里没有点，本机以外的邮箱可能拒收：请设置 MAIL_FROM。',
    },
  }
}

function linkFinding({ publicUrl }: EmailSetup): Finding {
  if (publicUrl === null) {
    return {
      of: 'links',
      is: 'warn',
      says: { en: 'Mails have no buttons', zh: '邮件里没有按钮' },
      cure: {
        en: 'Set PUBLIC_URL to the address at which readers reach Sluice.',
        zh: '把 PUBLIC_URL 设为读者能打开的 Sluice 地址。',
      },
    }
  }
  const says = { en: `Buttons in mails open ${publicUrl}`, zh: `邮件按钮打开 ${publicUrl}` }
  if (publicUrl.startsWith('https:')) return ok('links', says)
  return {
    of: 'links',
    is: 'warn',
    says,
    cure: {
      en: 'Whoever sees such a link on its way may press it: serve Sluice by https.',
      zh: '链接在传输中可能被人看到并点击：请用 https 提供 Sluice。',
    },
  }
}

function ok(of: string, says: Both): Finding {
  return { of, is: 'ok', says, cure: null }
}
