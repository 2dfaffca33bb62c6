import type { SetupGuide } from '../adapter.ts'

const SCOPES: SetupGuide['scopes'] = [
  {
    name: 'im:message.p2p_msg:readonly',
    why: { zh: '听到单聊里对机器人说的话', en: 'Hears what is said to the bot in private' },
  },
  {
    name: 'im:message.group_at_msg:readonly',
    why: {
      zh: '听到群里 @机器人 的话；其他群消息不会收到',
      en: 'Hears messages in groups that mention the bot, and no others',
    },
  },
  {
    name: 'im:message:send_as_bot',
    why: { zh: '发送和更新卡片', en: 'Sends cards and updates them' },
  },
  {
    name: 'im:resource',
    why: { zh: '上传日报里的图表', en: 'Uploads the charts of the daily digest' },
  },
  {
    name: 'im:chat:readonly',
    why: { zh: '显示群名称', en: 'Knows what a group is called' },
  },
  {
    name: 'im:chat.members:bot_access',
    why: { zh: '得知机器人进群、退群', en: 'Learns when the bot joins or leaves a group' },
  },
  {
    name: 'contact:contact.base:readonly',
    why: {
      zh: '读取通讯录；得知员工离职',
      en: 'Reads the directory; learns when somebody leaves the company',
    },
  },
  {
    name: 'contact:user.base:readonly',
    why: { zh: '显示姓名', en: 'Knows names' },
  },
  {
    name: 'contact:user.email:readonly',
    why: { zh: '按邮箱把飞书账号对应到成员', en: 'Matches accounts with members by e-mail address' },
  },
  {
    name: 'contact:user.employee:readonly',
    why: {
      zh: '按工号对应成员，并知道谁已离职',
      en: 'Matches members by staff number, and knows who has left',
    },
  },
  {
    name: 'contact:department.organize:readonly',
    why: { zh: '逐个部门列出员工', en: 'Lists people department by department' },
  },
  {
    name: 'im:message.urgent',
    why: { zh: '告警升级时应用内加急', en: 'Rings within the app when an alert escalates' },
  },
  {
    name: 'im:message.urgent:sms',
    why: {
      zh: '短信加急（可选，消耗企业额度）',
      en: 'Rings by text message (optional; spends the company quota)',
    },
  },
  {
    name: 'im:message.urgent:phone',
    why: {
      zh: '电话加急（可选，消耗企业额度）',
      en: 'Rings by phone call (optional; spends the company quota)',
    },
  },
]

const IMPORT = JSON.stringify({ scopes: { tenant: SCOPES.map(({ name }) => name), user: [] } }, null, 2)
const PASTED = `\n\n\`\`\`json\n${IMPORT}\n\`\`\``

export const FEISHU_GUIDE: SetupGuide = {
  vendor: 'feishu',
  title: { zh: '飞书 / Lark', en: 'Feishu / Lark' },
  summary: {
    zh: '配置完成后，同事可以在飞书单聊或群里对机器人说命令、点卡片按钮、填表单；卡片原地更新，告警可以加急。默认走长连接，服务器不需要公网地址。大约需要 15 分钟，发布应用时要企业管理员审核。',
    en: 'When this is done, people talk to the bot in private or in groups, press buttons and fill in forms; cards update in place, and alerts can ring. Events come over a connection that we open, so the server needs no public address. It takes about 15 minutes, and an admin has to approve the app.',
  },
  fields: [
    {
      name: 'appId',
      env: 'FEISHU_APP_ID',
      label: { zh: 'App ID', en: 'App ID' },
      hint: { zh: '「凭证与基础信息」页，以 cli_ 开头', en: 'On Credentials & Basic Info; begins with cli_' },
      secret: false,
      required: true,
    },
    {
      name: 'appSecret',
      env: 'FEISHU_APP_SECRET',
      label: { zh: 'App Secret', en: 'App Secret' },
      hint: { zh: '同一页，App ID 下面', en: 'On the same page, below the App ID' },
      secret: true,
      required: true,
    },
    {
      name: 'encryptKey',
      env: 'FEISHU_ENCRYPT_KEY',
      label: { zh: 'Encrypt Key', en: 'Encrypt Key' },
      hint: {
        zh: '只有 webhook 方式需要：「事件与回调」的「加密策略」页',
        en: 'For webhook mode only: Encryption Strategy, under Events & Callbacks',
      },
      secret: true,
      required: false,
    },
    {
      name: 'verificationToken',
      env: 'FEISHU_VERIFICATION_TOKEN',
      label: { zh: 'Verification Token', en: 'Verification Token' },
      hint: {
        zh: '只有 webhook 方式需要：与 Encrypt Key 同一页',
        en: 'For webhook mode only: on the same page as the Encrypt Key',
      },
      secret: true,
      required: false,
    },
    {
      name: 'mode',
      env: 'FEISHU_MODE',
      label: { zh: '事件接收方式', en: 'How events come' },
      hint: {
        zh: 'socket：长连接，推荐；webhook：由飞书调用本服务的公网地址',
        en: 'socket: over a connection that we open, recommended; webhook: Feishu calls our public address',
      },
      secret: false,
      required: false,
      choices: ['socket', 'webhook'],
    },
    {
      name: 'baseUrl',
      env: 'FEISHU_BASE_URL',
      label: { zh: '开放平台地址', en: 'Platform address' },
      hint: {
        zh: '飞书留空（https://open.feishu.cn）；国际版 Lark 填 https://open.larksuite.com',
        en: 'Empty for Feishu (https://open.feishu.cn); https://open.larksuite.com for Lark',
      },
      secret: false,
      required: false,
    },
  ],
  steps: [
    {
      title: { zh: '创建应用', en: 'Create the app' },
      text: {
        zh: '用有建应用权限的账号打开 https://open.feishu.cn/app（Lark 用 https://open.larksuite.com/app），点「创建企业自建应用」，名称填 Sluice，写一句描述，点「创建」。',
        en: 'With an account that may create apps, open https://open.feishu.cn/app (https://open.larksuite.com/app for Lark). Press Create Custom App (创建企业自建应用), name it Sluice, write one line of description, and press Create (创建).',
      },
    },
    {
      title: { zh: '添加机器人', en: 'Add the bot' },
      text: {
        zh: '左侧「添加应用能力」，在「机器人」卡片上点「添加」。',
        en: 'In the menu on the left choose Add Features (添加应用能力), and press Add (添加) on the card Bot (机器人).',
      },
    },
    {
      title: { zh: '开通权限', en: 'Grant the permissions' },
      text: {
        zh: `左侧「权限管理」，点「批量导入/导出权限」，在「导入」页签清空原文，粘贴下面全文，点「下一步，确认新增权限」，再点「申请开通」。不用短信、电话加急的话，可以去掉最后两项。${PASTED}`,
        en: `In the menu on the left choose Permissions & Scopes (权限管理), press Bulk-import/export scopes (批量导入/导出权限). On the tab Import (导入) delete what is there, paste all of the text below, press Next (下一步，确认新增权限), then Apply (申请开通). Without ringing by text message or phone, leave out the last two.${PASTED}`,
      },
    },
    {
      title: { zh: '设置通讯录范围', en: 'Set the contact range' },
      text: {
        zh: '仍在「权限管理」页，切到「数据权限」，把「通讯录权限范围」设为「全部成员」。否则只能看到范围内的人，其他人要自己用 /link 绑定。',
        en: 'On the same page choose Data Permissions (数据权限) and set the contact range (通讯录权限范围) to all members (全部成员). With a smaller range only the people in it are known; the others link themselves with /link.',
      },
    },
    {
      title: { zh: '把凭证填到 Sluice', en: 'Enter the credentials in Sluice' },
      text: {
        zh: '左侧「凭证与基础信息」，复制 App ID 和 App Secret（点眼睛图标显示），填到 Sluice 的设置页并点「保存」；或者填到环境变量 FEISHU_APP_ID 和 FEISHU_APP_SECRET，再启动 Sluice。国际版 Lark 还要把开放平台地址（FEISHU_BASE_URL）填成 https://open.larksuite.com。检查结果里「长连接已建立」之后再做下一步：没有连接时，控制台不让保存长连接方式。这时检查还可能提示机器人尚未启用，发布之后就好。',
        en: 'In the menu on the left choose Credentials & Basic Info (凭证与基础信息), copy App ID and App Secret (the eye shows it) into the setup page of Sluice, and press Save there; or put them into FEISHU_APP_ID and FEISHU_APP_SECRET and start Sluice. For Lark also set the platform address (FEISHU_BASE_URL) to https://open.larksuite.com. Go on when the check says that the long connection stands: the console saves the next step only while one does. That the bot is not switched on yet is mended by the release.',
      },
    },
    {
      title: { zh: '订阅事件', en: 'Subscribe to events' },
      text: {
        zh: '左侧「事件与回调」，「事件配置」页签，点「订阅方式」旁的铅笔，选「使用长连接接收事件」，点「保存」。再点「添加事件」，逐个搜索并勾选：接收消息 im.message.receive_v1、机器人进群 im.chat.member.bot.added_v1、机器人被移出群 im.chat.member.bot.deleted_v1、机器人自定义菜单事件 application.bot.menu_v6、员工离职 contact.user.deleted_v3，点「添加」。弹出权限提示时一并开通。',
        en: 'In the menu on the left choose Events & Callbacks (事件与回调), tab Event Configuration (事件配置). Press the pencil beside Subscription mode (订阅方式), choose to receive events through a persistent connection (使用长连接接收事件), and press Save (保存). Then press Add Events (添加事件), search for and tick im.message.receive_v1, im.chat.member.bot.added_v1, im.chat.member.bot.deleted_v1, application.bot.menu_v6 and contact.user.deleted_v3, and press Add (添加). Grant the permissions that it suggests.',
      },
    },
    {
      title: { zh: '订阅卡片回调', en: 'Subscribe to taps on cards' },
      text: {
        zh: '同一页切到「回调配置」页签，点「订阅方式」旁的铅笔，选「使用长连接接收回调」，点「保存」。再点「添加回调」，勾选「卡片回传交互」card.action.trigger，点「添加」。少了这一步，按钮会报错 200340。',
        en: 'On the same page choose the tab Callback Configuration (回调配置). Press the pencil beside Subscription mode (订阅方式), choose the persistent connection (使用长连接接收回调), and press Save (保存). Then press Add Callback (添加回调), tick card.action.trigger (卡片回传交互), and press Add (添加). Without this step buttons answer with error 200340.',
      },
    },
    {
      title: { zh: '只用 webhook 时', en: 'For webhook mode only' },
      text: {
        zh: '没有长连接（例如国际版 Lark 租户不支持）才需要：「加密策略」页签里点「Encrypt Key」旁的铅笔设置一个值，把它和 Verification Token 填到设置页，「事件接收方式」选 webhook，点「保存」；或者填到 FEISHU_ENCRYPT_KEY 和 FEISHU_VERIFICATION_TOKEN，FEISHU_MODE 设为 webhook 并重启。然后「事件配置」和「回调配置」的订阅方式都选「将事件/回调发送至开发者服务器」，请求地址填 https://<你的域名>/chat/feishu，点「保存」。没有 Encrypt Key 时 Sluice 不接收任何事件。',
        en: 'Only where no long connection is to be had, as in some tenants of Lark: on the tab Encryption Strategy (加密策略) press the pencil beside Encrypt Key and set one. Enter it and the Verification Token on the setup page, choose webhook as the way events come, and press Save; or put them into FEISHU_ENCRYPT_KEY and FEISHU_VERIFICATION_TOKEN, set FEISHU_MODE to webhook, and restart. Then, on both other tabs, choose to send to a developer server (将事件/回调发送至开发者服务器) as the subscription mode, enter https://<your host>/chat/feishu as the request URL, and press Save (保存). Without an Encrypt Key Sluice takes no event.',
      },
    },
    {
      title: { zh: '菜单（可选）', en: 'A menu (optional)' },
      text: {
        zh: '左侧「机器人」，打开「机器人自定义菜单」，新增菜单，响应动作选「推送事件」，事件 ID 填命令本身，例如 /job list。单聊里点菜单等于说这句命令。',
        en: 'In the menu on the left choose Bot (机器人), switch on the custom menu (机器人自定义菜单), add an entry whose action is to push an event (推送事件), and enter the command itself as the event ID, such as /job list. Choosing it in private says that command.',
      },
    },
    {
      title: { zh: '发布', en: 'Release' },
      text: {
        zh: '左侧「版本管理与发布」，点「创建版本」，填版本号 1.0.0 和更新说明，「可用范围」选要用它的人（通常是全部员工），点「保存」，再点「确认发布」。企业管理员在「飞书管理后台」审核通过后生效。以后每次改权限或事件，都要重新发布一个版本。',
        en: 'In the menu on the left choose Version Management & Release (版本管理与发布), press Create a version (创建版本), enter 1.0.0 and a note, choose as availability (可用范围) the people who are to use it, usually everybody, press Save (保存), then confirm the release (确认发布). It takes effect when an admin of the company approves it in the Admin console (飞书管理后台). Every later change of permissions or events needs another version.',
      },
    },
    {
      title: { zh: '试一下', en: 'Try it' },
      text: {
        zh: '在飞书搜索框搜 Sluice，打开单聊，发送 /help。要在群里用：群「设置」-「群机器人」-「添加机器人」，选 Sluice，然后 @Sluice /job list。要用加急：群「设置」-「群管理」里允许机器人加急。最后在 Sluice 的设置页点「检查」，再给自己发一张测试卡片。',
        en: 'Search for Sluice in Feishu, open the conversation, and send /help. For a group: Settings (设置) - Bots (群机器人) - Add Bot (添加机器人), choose Sluice, then send @Sluice /job list. To let it ring people there, allow that in the group settings (群管理). At last press Check on the setup page of Sluice, and send yourself a test card.',
      },
    },
  ],
  scopes: SCOPES,
  troubles: [
    {
      seen: {
        zh: '检查：拿不到访问凭证（10014 或 10003）',
        en: 'The check says that no token was given (10014 or 10003)',
      },
      cure: {
        zh: 'App ID 与 App Secret 不成对，或 Secret 已重置：在「凭证与基础信息」重新复制两项。',
        en: 'App ID and App Secret are not of one app, or the secret was reset: copy both again from Credentials & Basic Info (凭证与基础信息).',
      },
    },
    {
      seen: {
        zh: '控制台保存长连接时提示「应用未建立长连接」',
        en: 'The console does not save the long connection, because none stands (应用未建立长连接)',
      },
      cure: {
        zh: 'Sluice 没有连上：先保存凭证，运行检查，直到「长连接已建立」。服务器要能访问 open.feishu.cn 的 443 端口；Lark 要填开放平台地址。',
        en: 'Sluice is not connected: save the credentials and check until the long connection stands. The server must reach port 443 of open.feishu.cn; for Lark the platform address must be set.',
      },
    },
    {
      seen: {
        zh: '点按钮时飞书提示出错，代码 200340',
        en: 'A tap on a button is answered with error 200340',
      },
      cure: {
        zh: '没有订阅卡片回调：在「事件与回调」的「回调配置」里添加 card.action.trigger，然后发布新版本。',
        en: 'Taps are not subscribed to: add card.action.trigger under Events & Callbacks, Callback Configuration (回调配置), and release another version.',
      },
    },
    {
      seen: { zh: '发消息没有反应，但检查一切正常', en: 'The bot does not answer, and the check is well' },
      cure: {
        zh: '少了 im.message.receive_v1 事件或收消息的权限，或者改动之后没有发布新版本。群里要 @ 机器人。',
        en: 'The event im.message.receive_v1 or a permission to hear is missing, or no version was released after the change. In groups the bot must be mentioned.',
      },
    },
    {
      seen: {
        zh: '发送被拒绝：230013，或测试卡片显示「对该用户不可用」',
        en: 'Sending is refused with 230013: the bot is not available to this user',
      },
      cure: {
        zh: '这个人不在应用的「可用范围」里：在「版本管理与发布」新建版本，扩大可用范围，并由管理员审核。',
        en: 'The person is not within the availability (可用范围) of the app: release a version with a wider one, and have it approved.',
      },
    },
    {
      seen: { zh: '发送被拒绝：230002', en: 'Sending is refused with 230002' },
      cure: {
        zh: '机器人不在这个群里：群「设置」-「群机器人」-「添加机器人」。',
        en: 'The bot is not in that group: Settings (设置) - Bots (群机器人) - Add Bot (添加机器人).',
      },
    },
    {
      seen: { zh: '发送被拒绝：99991672 或 230027', en: 'Sending is refused with 99991672 or 230027' },
      cure: {
        zh: '缺少权限：对照上面的权限列表开通，再发布新版本。',
        en: 'A permission is missing: compare the list above, grant it, and release another version.',
      },
    },
  ],
  limits: [
    {
      zh: '群里的卡片所有人可见；只给一个人看的内容会发到他的单聊',
      en: 'A card in a group is seen by everybody there; what is for one person goes to their private chat',
    },
    {
      zh: '卡片发出 14 天后不能再更新，也不能再点；之后的变化会发新卡片',
      en: 'A card can be updated and pressed for 14 days; later changes come as a new card',
    },
    {
      zh: '一张卡片连同格式不超过 30 KB；太长的日志和列表会截短，并说明如何看其余部分',
      en: 'A card holds 30 KB, markup included; longer logs and lists are cut, with a way to the rest',
    },
    {
      zh: '同一个群每秒最多 5 条消息（群内所有机器人合计）；告警风暴会合并成一张卡片',
      en: 'A group takes five messages a second from all its bots; storms fold into one card',
    },
    {
      zh: '7.20 以前的客户端只显示卡片标题',
      en: 'Clients older than 7.20 show the title of a card only',
    },
    {
      zh: '免费版企业每月约 1 万次接口调用，用完后当月不再送达，改走其他渠道',
      en: 'Companies on the free plan have about 10,000 calls a month; when they are spent, other channels take over',
    },
  ],
}
