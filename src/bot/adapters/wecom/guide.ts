import type { SetupGuide } from '../adapter.ts'

const FIELDS: SetupGuide['fields'] = [
  {
    name: 'corpId',
    env: 'WECOM_CORP_ID',
    label: { zh: '企业 ID', en: 'Corp ID' },
    hint: {
      zh: '管理后台「我的企业」-「企业信息」页最下面，以 ww 开头',
      en: 'At the bottom of My Company (我的企业) - Company Information (企业信息); begins with ww',
    },
    secret: false,
    required: true,
  },
  {
    name: 'agentId',
    env: 'WECOM_AGENT_ID',
    label: { zh: 'AgentId', en: 'AgentId' },
    hint: { zh: '应用详情页上方，一个数字', en: "At the top of the app's page; a number" },
    secret: false,
    required: true,
  },
  {
    name: 'secret',
    env: 'WECOM_SECRET',
    label: { zh: '应用 Secret', en: "The app's Secret" },
    hint: {
      zh: '应用详情页，点「查看」后在企业微信里收到',
      en: "On the app's page; press View (查看), and it is sent to you in WeCom",
    },
    secret: true,
    required: true,
  },
  {
    name: 'token',
    env: 'WECOM_TOKEN',
    label: { zh: '接收消息 Token', en: 'Token for receiving messages' },
    hint: {
      zh: '应用详情页「接收消息」-「设置API接收」；没有它听不到单聊，卡片也没有按钮',
      en: "On the app's page, Receive Messages (接收消息) - Set API Receive (设置API接收); without it nobody is heard in private and cards have no buttons",
    },
    secret: true,
    required: false,
  },
  {
    name: 'aesKey',
    env: 'WECOM_AES_KEY',
    label: { zh: 'EncodingAESKey', en: 'EncodingAESKey' },
    hint: { zh: '与 Token 同一页，43 个字符', en: 'On the same page as the Token; 43 characters' },
    secret: true,
    required: false,
  },
  {
    name: 'baseUrl',
    env: 'WECOM_BASE_URL',
    label: { zh: '接口地址', en: 'API address' },
    hint: {
      zh: '一般不填；私有部署或经代理出口时填写，默认 https://qyapi.weixin.qq.com',
      en: 'Usually left out; for private installations or a proxy. Otherwise https://qyapi.weixin.qq.com',
    },
    secret: false,
    required: false,
  },
  {
    name: 'botId',
    env: 'WECOM_BOT_ID',
    label: { zh: '智能机器人 Bot ID', en: "The smart robot's Bot ID" },
    hint: {
      zh: '要在群里用才需要：机器人的「API 配置」里',
      en: "For groups only: under the robot's API settings (API 配置)",
    },
    secret: false,
    required: false,
  },
  {
    name: 'botSecret',
    env: 'WECOM_BOT_SECRET',
    label: { zh: '智能机器人 Secret', en: "The smart robot's Secret" },
    hint: {
      zh: '与 Bot ID 同一处，点「点击获取」，只显示一次',
      en: 'Beside the Bot ID; press to get it (点击获取). It is shown once',
    },
    secret: true,
    required: false,
  },
  {
    name: 'botUrl',
    env: 'WECOM_BOT_URL',
    label: { zh: '长连接地址', en: 'Address of the long connection' },
    hint: {
      zh: '一般不填，默认 wss://openws.work.weixin.qq.com',
      en: 'Usually left out. Otherwise wss://openws.work.weixin.qq.com',
    },
    secret: false,
    required: false,
  },
]

const STEPS: SetupGuide['steps'] = [
  {
    title: { zh: '记下企业 ID', en: 'Note the corp ID' },
    text: {
      zh: '用企业管理员的企业微信扫码登录管理后台 https://work.weixin.qq.com/wework_admin ，顶部点「我的企业」，左侧「企业信息」，把页面最下面的「企业ID」填到 Sluice 的设置页（或 WECOM_CORP_ID）。',
      en: 'As an admin of the company, scan the code at https://work.weixin.qq.com/wework_admin to sign in. At the top choose My Company (我的企业), on the left Company Information (企业信息). Copy the corp ID (企业ID) at the bottom to the setup page of Sluice (or WECOM_CORP_ID).',
    },
  },
  {
    title: { zh: '创建应用', en: 'Create the app' },
    text: {
      zh: '顶部点「应用管理」，左侧「应用」，拉到「自建」，点「创建应用」。上传一个方形 logo，「应用名称」填 Sluice，「可见范围」选要用它的人（建议直接选最上面的企业，这样能读到全部成员），点「创建应用」。',
      en: 'At the top choose App Management (应用管理), on the left Apps (应用), scroll to Self-built (自建), and press Create App (创建应用). Upload a square logo, enter Sluice as the name (应用名称), choose as visibility (可见范围) who is to use it, best the whole company at the top of the tree so that all members can be read, and press Create App (创建应用).',
    },
  },
  {
    title: { zh: '记下 AgentId 和 Secret', en: 'Note AgentId and Secret' },
    text: {
      zh: '创建后进入应用详情页。「AgentId」填到设置页（WECOM_AGENT_ID）。「Secret」右边点「查看」，再点「发送」，Secret 会由「企业微信团队」发到你的企业微信里，点开后复制到「应用 Secret」（WECOM_SECRET）。',
      en: "You are on the app's page now. Its AgentId goes to the setup page (WECOM_AGENT_ID). Beside Secret press View (查看), then Send (发送): the WeCom Team (企业微信团队) sends it to you in WeCom. Open that message and copy the Secret beside it (WECOM_SECRET).",
    },
  },
  {
    title: { zh: '取得 Token 和 EncodingAESKey', en: 'Get Token and EncodingAESKey' },
    text: {
      zh: '在应用详情页「功能」里的「接收消息」卡片上点「设置API接收」。「URL」填 https://<你的域名>/chat/wecom （域名须能从公网访问，用 https 的 443 或 http 的 80 端口；企业微信可能要求域名备案主体与本企业相同）。「Token」和「EncodingAESKey」各点一次「随机获取」，分别填到设置页的「接收消息 Token」和「EncodingAESKey」（WECOM_TOKEN、WECOM_AES_KEY）。页面先不要关，也先不要点「保存」。',
      en: "On the app's page, under Features (功能), find the card Receive Messages (接收消息) and press Set API Receive (设置API接收). As URL enter https://<your host>/chat/wecom; it must be reachable from the internet, by https on 443 or http on 80, and WeCom may demand that the domain is registered to your own company. Press Random (随机获取) beside Token and beside EncodingAESKey, and copy them to their fields on the setup page (WECOM_TOKEN and WECOM_AES_KEY). Leave the page open, and do not save yet.",
    },
  },
  {
    title: { zh: '先在 Sluice 保存，再在企业微信保存', en: 'Save in Sluice, then in WeCom' },
    text: {
      zh: '在 Sluice 的设置页点「保存」，不用重启；用环境变量时，带着以上设置重启 Sluice。再回到刚才的企业微信页面点「保存」。企业微信会立刻访问这个 URL；提示「保存成功」就是通了。提示「openapi回调地址请求不通过」时，检查域名能否从公网打开、Token 和 EncodingAESKey 是否复制完整。下面的「接收消息的类型」里勾选「用户发送的普通消息」「模板卡片事件」和「成员关注及取消关注事件」（有就勾上），再保存一次。',
      en: 'Press Save on the setup page of Sluice; with environment variables, restart it with these settings. Then go back to that page of WeCom and press Save (保存). WeCom calls the URL at once, and says that it was saved (保存成功) when all is well. When it says that the callback address did not pass (openapi回调地址请求不通过), see whether the host opens from the internet, and whether Token and EncodingAESKey were copied whole. Below, under kinds of messages (接收消息的类型), tick messages that users send (用户发送的普通消息), template card events (模板卡片事件) and joining and leaving (成员关注及取消关注事件) where they are offered, and save again.',
    },
  },
  {
    title: { zh: '加入企业可信 IP', en: 'Trust the address of the server' },
    text: {
      zh: '应用详情页拉到「开发者接口」，在「企业可信IP」里点「配置」，填入 Sluice 服务器访问公网时的出口 IP（多台就用分号隔开），点「确定」。没有这一步，接口返回 60020，什么都发不出去。',
      en: "On the app's page scroll to Developer Interface (开发者接口). Under Trusted IPs (企业可信IP) press Configure (配置), enter the address from which the server of Sluice reaches the internet, several separated by semicolons, and press OK (确定). Without this step every call is answered with 60020 and nothing goes out.",
    },
  },
  {
    title: { zh: '菜单（可选）', en: 'A menu (optional)' },
    text: {
      zh: '应用详情页「自定义菜单」点「设置」，添加菜单，「菜单内容」选「发送消息」或点击事件，事件 key 填命令本身，例如 /job list。成员点菜单等于说这句命令。',
      en: "On the app's page press Set (设置) under Custom Menu (自定义菜单) and add an entry that raises a click event, with the command itself as its key, such as /job list. Choosing it says that command.",
    },
  },
  {
    title: { zh: '要在群里用：创建智能机器人', en: 'For groups: make a smart robot' },
    text: {
      zh: '应用听不到群消息，群里要用「智能机器人」。管理后台顶部「安全与管理」，左侧「管理工具」-「智能机器人」（或企业微信客户端「工作台」-「智能机器人」），点「创建机器人」，选「手动创建」，拉到页面最下面点「API模式创建」。名称填 Sluice（不要带空格），「可使用的成员」选要用它的人；「API 配置」里连接方式选「使用长连接」，把「Bot ID」填到设置页（WECOM_BOT_ID），「Secret」点「点击获取」后填到旁边（WECOM_BOT_SECRET），点「保存」，再在 Sluice 的设置页点「保存」（用环境变量时重启）。长连接由 Sluice 主动建立，不需要公网地址。',
      en: 'An app cannot hear groups; a smart robot (智能机器人) can. In the console choose Security & Management (安全与管理) at the top, then Management Tools (管理工具) - Smart Robot (智能机器人); or in WeCom itself Workbench (工作台) - Smart Robot (智能机器人). Press Create Robot (创建机器人), choose by hand (手动创建), scroll to the bottom and press Create in API mode (API模式创建). Name it Sluice, without spaces, and choose who may use it (可使用的成员). Under API settings (API 配置) choose the long connection (使用长连接), copy Bot ID to the setup page (WECOM_BOT_ID), press to get the Secret (点击获取) and copy it beside (WECOM_BOT_SECRET), press Save (保存), and Save on the setup page too, or restart Sluice where the environment sets it up. Sluice opens that connection itself; it needs no public address.',
    },
  },
  {
    title: { zh: '把机器人拉进群', en: 'Put the robot into a group' },
    text: {
      zh: '打开内部群，右上角「…」-「添加机器人」（或「智能机器人」），选 Sluice。然后在群里发 @Sluice /help。第一次必须由人先 @ 它，之后它才能主动往这个群发消息。',
      en: 'Open an internal group, press … at the top right, choose Add Robot (添加机器人), and pick Sluice. Then send @Sluice /help there. Somebody has to mention it once before it may speak in that group by itself.',
    },
  },
  {
    title: { zh: '电话提醒（可选）', en: 'Phone calls (optional)' },
    text: {
      zh: '要用电话升级告警：管理后台「应用管理」里开通「紧急通知」（付费），在它的「可调用接口的应用」里加入 Sluice。',
      en: 'To escalate alerts by phone: switch on Urgent Notice (紧急通知, paid) under App Management (应用管理), and add Sluice to the apps that may call its interface (可调用接口的应用).',
    },
  },
  {
    title: { zh: '试一下', en: 'Try it' },
    text: {
      zh: '在企业微信「工作台」里打开 Sluice，发送 /help，应当收到一张卡片。最后在 Sluice 的设置页点「检查」，再给自己发一张测试卡片。',
      en: 'Open Sluice in the Workbench (工作台) of WeCom and send /help: a card should come. At last press Check on the setup page of Sluice, and send yourself a test card.',
    },
  },
]

const SCOPES: SetupGuide['scopes'] = [
  {
    name: '可见范围',
    why: {
      zh: '应用能给谁发消息、能读到哪些成员',
      en: 'Whom the app can write to, and which members it can read (visibility)',
    },
  },
  {
    name: '接收消息',
    why: {
      zh: '听到单聊里的话和卡片按钮',
      en: 'Hears what is said in private, and taps on cards (receiving messages)',
    },
  },
  {
    name: '企业可信IP',
    why: { zh: '允许这台服务器调用接口', en: 'Lets this server call the interface (trusted IPs)' },
  },
]

export const WECOM_GUIDE: SetupGuide = {
  vendor: 'wecom',
  title: { zh: '企业微信', en: 'WeCom' },
  summary: {
    zh: '配置完成后，同事可以在企业微信里和应用单聊、说命令、点卡片按钮；再加一个智能机器人，就能在群里 @ 它。单聊需要公网能访问的地址，群里不需要。大约 20 分钟，需要企业管理员。',
    en: 'When this is done, people talk to the app in private and press buttons on its cards; with a smart robot beside it they mention it in groups. The private chat needs an address that the internet reaches, groups do not. It takes about 20 minutes and an admin of the company.',
  },
  fields: FIELDS,
  steps: STEPS,
  scopes: SCOPES,
  troubles: [
    {
      seen: {
        zh: '错误 60020（not allow to access from your ip）',
        en: 'Error 60020 (not allow to access from your ip)',
      },
      cure: {
        zh: '服务器的公网出口 IP 不在「企业可信IP」里。错误信息里有这个 IP，加进去即可。',
        en: 'The public address of the server is not among the trusted IPs (企业可信IP). The error names the address: add that one.',
      },
    },
    {
      seen: { zh: '错误 40001、40013 或 40091', en: 'Error 40001, 40013 or 40091' },
      cure: {
        zh: '企业 ID 或 Secret 不对：重新复制。Secret 要用这个应用自己的，不是通讯录或别的应用的。',
        en: 'The corp ID or the Secret is wrong: copy them again. The Secret must be that of this app, not of the directory or of another app.',
      },
    },
    {
      seen: {
        zh: '保存时提示「openapi回调地址请求不通过」',
        en: 'Saving says that the callback address did not pass (openapi回调地址请求不通过)',
      },
      cure: {
        zh: '先在 Sluice 保存 Token 和 EncodingAESKey；用手机流量打开 https://<你的域名>/health，应当看到 ok；然后再点企业微信的「保存」。',
        en: 'Save Token and EncodingAESKey in Sluice first; open https://<your host>/health from a phone outside of the office: it should say ok. Then press Save (保存) again.',
      },
    },
    {
      seen: {
        zh: '能收到卡片，但没有按钮，说话也没有反应',
        en: 'Cards come, but without buttons, and words get no answer',
      },
      cure: {
        zh: '没有设置接收消息：完成「取得 Token 和 EncodingAESKey」和下一步。',
        en: 'Receiving messages is not set up: follow “Get Token and EncodingAESKey” and the step after it.',
      },
    },
    {
      seen: { zh: '群里 @ 它没有反应', en: 'It does not answer in a group' },
      cure: {
        zh: '群里要用智能机器人，不是应用；它的连接方式要选「使用长连接」，并且没有别的程序用同一个 Bot ID。',
        en: 'Groups need the smart robot, not the app; it must use the long connection (使用长连接), and no other program may use the same Bot ID.',
      },
    },
    {
      seen: { zh: '发送被拒绝：81013', en: 'Sending is refused with 81013' },
      cure: {
        zh: '这个人不在应用的「可见范围」里：在应用详情页加上他或他的部门。',
        en: 'The person is not within the visibility (可见范围) of the app: add them or their department on its page.',
      },
    },
  ],
  limits: [
    {
      zh: '卡片能放的内容很少，放不下的详情紧跟在下一条消息里',
      en: 'A card holds little; details that do not fit come in a message right after it',
    },
    {
      zh: '应用发的卡片每得到一个更新码只能更新一次（发出时一个，每次点击一个，72 小时内有效）；用完后发新消息并撤回旧的（24 小时内）',
      en: 'A card of the app is updated once per code: one when it is sent, one per tap, good for 72 hours. After that a new message comes and the old one is recalled, within 24 hours',
    },
    {
      zh: '不显示进度条：只在有结果时更新',
      en: 'No progress on cards: they change when there is a result',
    },
    {
      zh: '群里的卡片只能在点击后 5 秒内更新，之后的结果发新消息',
      en: 'A card in a group changes within five seconds of a tap only; later results come as new messages',
    },
    {
      zh: '机器人要被 @ 过一次，才能主动往那个群发消息；进群、退群没有通知',
      en: 'The robot may speak in a group once it was mentioned there; nothing tells when it is put in or out',
    },
    {
      zh: '没有表单：缺的参数会列成一条可以补全的命令',
      en: 'No forms: what is missing is listed as a command to complete',
    },
    {
      zh: '每人每分钟最多 30 条消息，超出的会被企业微信悄悄丢弃，所以 Sluice 会放慢发送',
      en: 'A member gets 30 messages a minute at most, and WeCom drops more without a word; so Sluice keeps well below',
    },
    {
      zh: '2022 年以后创建的应用读不到邮箱：成员按工号（通讯录扩展字段「工号」）对应，或自己绑定',
      en: 'Apps made since 2022 are told no e-mail addresses: members are matched by staff number (a directory field called 工号), or link themselves',
    },
  ],
}
