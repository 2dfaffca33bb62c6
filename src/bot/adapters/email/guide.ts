import type { SetupGuide } from '../adapter.ts'

export const EMAIL_GUIDE: SetupGuide = {
  vendor: 'email',
  title: { en: 'E-mail', zh: '邮件' },
  summary: {
    en: 'When done, Sluice sends cards as mails: alerts, approvals, results, the daily digest, and what another chat could not take. Buttons are links that open a page to confirm on. Nothing comes in by mail: commands are typed in a chat or on the page of Sluice. It takes about 10 minutes, and one mailbox that Sluice may send from.',
    zh: '完成后，Sluice 可以把卡片发成邮件：告警、审批、结果、每日小结，以及其他聊天送不到的消息。按钮是链接，点开后在页面上确认。邮件只发不收：命令请在聊天或 Sluice 页面里输入。大约 10 分钟，需要一个给 Sluice 用的邮箱。',
  },
  fields: [
    {
      name: 'smtpUrl',
      env: 'SMTP_URL',
      label: { en: 'Mail server', zh: '邮件服务器' },
      hint: {
        en: 'smtps://user:password@host:465 or smtp://user:password@host:587. In user and password write @ as %40, : as %3A, / as %2F, # as %23, % as %25.',
        zh: 'smtps://账号:密码@主机:465 或 smtp://账号:密码@主机:587。账号和密码里的 @ 写成 %40，: 写成 %3A，/ 写成 %2F，# 写成 %23，% 写成 %25。',
      },
      secret: true,
      required: true,
    },
    {
      name: 'from',
      env: 'MAIL_FROM',
      label: { en: 'Sender', zh: '发件人' },
      hint: {
        en: 'The address of the mailbox, with a name if you like: Sluice <sluice@example.com>',
        zh: '该邮箱的地址，可以带名字：Sluice <sluice@example.com>',
      },
      secret: false,
      required: true,
    },
  ],
  steps: [
    {
      title: { en: 'Get a mailbox for Sluice', zh: '准备一个给 Sluice 用的邮箱' },
      text: {
        en: 'Ask whoever runs mail in your company for a mailbox of its own, such as sluice@example.com, that may send by SMTP from the machine Sluice runs on. Ask for four things: host, port, user, password. With these in hand go to “Write the address of the server”. If you run a mailbox at one of the providers below yourself, the next step says where to find them.',
        zh: '请公司的邮件管理员开一个单独的邮箱，例如 sluice@example.com，并允许它从 Sluice 所在的机器用 SMTP 发信。需要四样东西：主机、端口、账号、密码。拿到后直接看“写出服务器地址”。如果邮箱在下列服务商，自己就能拿到，见下一步。',
      },
    },
    {
      title: { en: 'Tencent Exmail (腾讯企业邮箱)', zh: '腾讯企业邮箱' },
      text: {
        en: 'Sign in at exmail.qq.com with the mailbox. Open 设置 (Settings) → 客户端设置 (Client settings; in older versions 收发信设置) and tick 开启IMAP/SMTP服务 (Turn on IMAP/SMTP). Open 设置 → 账户 (Account; in older versions 邮箱绑定) and turn on 安全登录 (Secure sign-in); then under 客户端专用密码 (Passwords for clients) press 生成新密码 (Make a new password) and copy it: it is shown once. Host smtp.exmail.qq.com, port 465, user = the whole address, password = the one just made.',
        zh: '用该邮箱登录 exmail.qq.com。打开“设置”→“客户端设置”（旧版为“收发信设置”），勾选“开启IMAP/SMTP服务”。再打开“设置”→“账户”（旧版为“邮箱绑定”），开启“安全登录”，在“客户端专用密码”处点“生成新密码”并复制，只显示一次。主机 smtp.exmail.qq.com，端口 465，账号是完整邮箱地址，密码是刚生成的那个。',
      },
    },
    {
      title: { en: 'Alibaba Mail (阿里邮箱)', zh: '阿里邮箱' },
      text: {
        en: 'New companies have mail programs switched off: an administrator allows 三方客户端 (third-party clients) for this mailbox in the management console first. Then sign in at qiye.aliyun.com with the mailbox, open 设置 (Settings) → 账户与安全 (Account and security) → 账户安全 (Account security) → 三方客户端安全管理 (Third-party clients), press 启用三方客户端安全密码 (Turn on passwords for them), then 生成新密码 (Make a new password), and copy it: it is shown once. Host smtp.qiye.aliyun.com, port 465, user = the whole address.',
        zh: '新开通的企业默认禁止三方客户端：先请域管理员在管理后台为这个邮箱放行。然后用该邮箱登录 qiye.aliyun.com，打开“设置”→“账户与安全”→“账户安全”→“三方客户端安全管理”，点“启用三方客户端安全密码”，再点“生成新密码”并复制，只显示一次。主机 smtp.qiye.aliyun.com，端口 465，账号是完整邮箱地址。',
      },
    },
    {
      title: { en: 'Microsoft 365', zh: 'Microsoft 365' },
      text: {
        en: 'An administrator signs in at admin.microsoft.com, opens Users → Active users, picks the mailbox, tab Mail → Manage email apps, ticks Authenticated SMTP and presses Save changes. Security defaults must be off for that, and Microsoft is ending sign-in by password for SMTP: if your company has ended it already, use a relay of your own instead, such as a connector for this machine’s address (Exchange admin center → Mail flow → Connectors). Host smtp.office365.com, port 587, user = the whole address; with two-step sign-in an app password from mysignins.microsoft.com/security-info.',
        zh: '管理员登录 admin.microsoft.com，打开“用户 (Users)”→“活跃用户 (Active users)”，选中该邮箱，在“邮件 (Mail)”页点“管理电子邮件应用 (Manage email apps)”，勾选“经过身份验证的 SMTP (Authenticated SMTP)”，点“保存更改 (Save changes)”。需要关闭“安全默认值 (Security defaults)”；并且微软正在停用 SMTP 的密码登录，如果公司已经停用，请改用自己的中继，例如在 Exchange 管理中心“邮件流 (Mail flow)”→“连接器 (Connectors)”里放行这台机器。主机 smtp.office365.com，端口 587，账号是完整邮箱地址；开启两步验证时在 mysignins.microsoft.com/security-info 新建应用密码。',
      },
    },
    {
      title: { en: 'Gmail and Google Workspace', zh: 'Gmail 与 Google Workspace' },
      text: {
        en: 'Sign in at myaccount.google.com with the mailbox, open Security and turn on 2-Step Verification. Then open myaccount.google.com/apppasswords, type Sluice as the App name, press Create and copy the 16 letters, without the spaces. Host smtp.gmail.com, port 465, user = the whole address.',
        zh: '用该邮箱登录 myaccount.google.com，打开“安全性 (Security)”，开启“两步验证 (2-Step Verification)”。再打开 myaccount.google.com/apppasswords，在“应用名称 (App name)”填 Sluice，点“创建 (Create)”，复制 16 个字母，不含空格。主机 smtp.gmail.com，端口 465，账号是完整邮箱地址。',
      },
    },
    {
      title: { en: 'Write the address of the server', zh: '写出服务器地址' },
      text: {
        en: 'Put the four parts together. Port 465: smtps://user:password@host:465. Port 587 or 25: smtp://user:password@host:587. Characters with a meaning of their own are written by number: sluice@example.com becomes sluice%40example.com. Example: smtps://sluice%40example.com:abcd1234@smtp.exmail.qq.com:465. A relay that asks for no password: smtp://mail.example.com:25. Over smtp:// Sluice sends a password only once the way is encrypted; ?requireTLS=true asks for that without a password too, ?requireTLS=false gives it up.',
        zh: '把四样拼起来。端口 465：smtps://账号:密码@主机:465；端口 587 或 25：smtp://账号:密码@主机:587。有特殊含义的字符用编码写：sluice@example.com 写成 sluice%40example.com。例如 smtps://sluice%40example.com:abcd1234@smtp.exmail.qq.com:465。不需要密码的内网中继：smtp://mail.example.com:25。用 smtp:// 时，Sluice 只在线路加密后才发送密码；没有密码也要求加密可加 ?requireTLS=true，放弃加密可加 ?requireTLS=false。',
      },
    },
    {
      title: { en: 'Say how readers reach Sluice', zh: '设置读者能打开的地址' },
      text: {
        en: 'Set PUBLIC_URL to the address at which people open Sluice in a browser, such as https://sluice.example.com. Links in mails start with it. Without it mails have no buttons. It must be reachable from where mails are read, phones included; it need not be reachable from the internet.',
        zh: '把 PUBLIC_URL 设为大家在浏览器里打开 Sluice 的地址，例如 https://sluice.example.com，邮件里的链接都以它开头。不设置则邮件里没有按钮。读邮件的地方（包括手机）要能打开它，不必对公网开放。',
      },
    },
    {
      title: { en: 'Give it to Sluice', zh: '填到 Sluice' },
      text: {
        en: 'Enter the address of the server and the sender on the setup page of Sluice and press Save; or set SMTP_URL and MAIL_FROM in the environment and restart it. MAIL_FROM is the address of the mailbox that logs in: most servers refuse another one. A company with its own certificate authority also sets NODE_EXTRA_CA_CERTS to the file of its certificate; Sluice never sends to a server whose certificate it cannot verify.',
        zh: '在 Sluice 的设置页填写邮件服务器和发件人，点「保存」；或者在环境变量里设置 SMTP_URL 和 MAIL_FROM，再重启。MAIL_FROM 要与登录的邮箱一致，多数服务器会拒绝别的地址。公司自建证书机构的，再把 NODE_EXTRA_CA_CERTS 设为证书文件；证书无法验证的服务器，Sluice 一律不发。',
      },
    },
    {
      title: { en: 'Look whether it works', zh: '检查是否可用' },
      text: {
        en: 'Press Check on the setup page. It logs in without sending anything and tells four things: whether the server lets us in, whether the way is encrypted, who mails come from, and where their buttons lead. Then send yourself a test card: your member needs an e-mail address for that, given when a member is added.',
        zh: '在设置页点「检查」。它只登录、不发信，会告诉您四件事：能否登录、线路是否加密、发件人是谁、按钮打开哪里。然后给自己发一张测试卡片：您的成员资料里要有邮箱，添加成员时填写。',
      },
    },
  ],
  scopes: [],
  troubles: [
    {
      seen: { en: 'The check says EAUTH, 535 or 534', zh: '检查显示 EAUTH、535 或 534' },
      cure: {
        en: 'User or password is not taken. Most providers want a password made for mail programs, not the one for signing in; and every @ : / # % in them must be written by number.',
        zh: '账号或密码没有被接受。多数邮箱要用客户端专用密码（授权码），不是登录密码；其中的 @ : / # % 要写成编码。',
      },
    },
    {
      seen: {
        en: 'The check says ESOCKET, ETIMEDOUT or ECONNREFUSED',
        zh: '检查显示 ESOCKET、ETIMEDOUT 或 ECONNREFUSED',
      },
      cure: {
        en: 'The server is not reached: compare host and port; many networks let port 25 out nowhere, so use 465 or 587.',
        zh: '连不上服务器：核对主机和端口；很多网络不放行 25 端口，请用 465 或 587。',
      },
    },
    {
      seen: { en: 'The certificate is not trusted', zh: '证书不受信任' },
      cure: {
        en: 'Give the certificate authority of your company by NODE_EXTRA_CA_CERTS, and use the host name that stands in the certificate.',
        zh: '用 NODE_EXTRA_CA_CERTS 指定公司的证书机构，并使用证书里的主机名。',
      },
    },
    {
      seen: {
        en: 'Mails are refused with 550 or 553 about the sender',
        zh: '发信被拒：550 或 553，与发件人有关',
      },
      cure: {
        en: 'MAIL_FROM must be the address of the mailbox that logs in.',
        zh: '发件人（MAIL_FROM）要与登录的邮箱一致。',
      },
    },
    {
      seen: { en: 'Mails have no buttons', zh: '邮件里没有按钮' },
      cure: {
        en: 'PUBLIC_URL is not set: set it to the address at which readers open Sluice, and restart.',
        zh: '没有设置 PUBLIC_URL：设为读者能打开的 Sluice 地址，然后重启。',
      },
    },
    {
      seen: { en: 'The test card is sent but does not come', zh: '测试卡片已发出，但没有收到' },
      cure: {
        en: 'Look into the spam folder. For a domain of your own, SPF must name the server that sends.',
        zh: '看一下垃圾邮件。自有域名的 SPF 记录要包含发信的服务器。',
      },
    },
  ],
  limits: [
    {
      en: 'Mails only go out: answers to them are not read. Commands are typed in a chat or on the page.',
      zh: '只发不收：回复不会被读取。命令请在聊天或页面里输入。',
    },
    {
      en: 'A mail cannot be edited. When a card has settled, its new state follows as another mail in the same thread; progress is not shown.',
      zh: '邮件发出后不能修改。卡片有了结果，会在同一会话里再发一封；进度不显示。',
    },
    {
      en: 'Buttons are links that work for 3 days. Opening one does nothing yet: a page says what it is, and its button does it. Whoever a mail is passed on to could press in the name of its receiver, so do not pass such mails on.',
      zh: '按钮是链接，3 天内有效。打开时什么都不会发生：页面先说明是什么操作，再点一次才执行。拿到邮件的人就能以收件人的身份点击，所以请不要转发。',
    },
    {
      en: 'Forms become a command to type.',
      zh: '表单会变成一条可以输入的命令。',
    },
    {
      en: 'Groups: a mail goes to one address. An address that is a list reaches everybody on it, with one set of links for all.',
      zh: '群：一封邮件只发给一个地址。地址如果是邮件组，组里每个人都会收到，按钮是同一套。',
    },
    {
      en: 'Mail has no key against doubles. When an answer of the server is lost, the mail is sent again with the same Message-ID; most mailboxes drop the second one, some show both. A tap on either counts once.',
      zh: '邮件没有防重复的机制。服务器的应答丢失时会用同一个 Message-ID 重发；多数邮箱会去掉重复，少数会显示两封。在哪一封上点击都只算一次。',
    },
    {
      en: 'A server that took a mail may still lose it, or another may send it back later: Sluice does not hear of it.',
      zh: '服务器收下的邮件之后仍可能丢失或被退信，Sluice 不会知道。',
    },
  ],
}
