import type { SetupField, SetupGuide } from '../adapter.ts'

const fields: readonly SetupField[] = [
  {
    name: 'clientId',
    env: 'DINGTALK_CLIENT_ID',
    label: { zh: 'Client ID（原 AppKey）', en: 'Client ID (once AppKey)' },
    hint: {
      zh: '开发者后台 → 应用 → 基础信息 → 凭证与基础信息，以 ding 开头',
      en: 'Developer console → the app → 基础信息 (Basics) → 凭证与基础信息 (Credentials); starts with ding',
    },
    secret: false,
    required: true,
  },
  {
    name: 'clientSecret',
    env: 'DINGTALK_CLIENT_SECRET',
    label: { zh: 'Client Secret（原 AppSecret）', en: 'Client Secret (once AppSecret)' },
    hint: { zh: '在 Client ID 下方，点「显示」后复制', en: 'Below the Client ID; 显示 (Show), then copy' },
    secret: true,
    required: true,
  },
  {
    name: 'cardTemplateId',
    env: 'DINGTALK_CARD_TEMPLATE_ID',
    label: { zh: '卡片模板 ID', en: 'Card template ID' },
    hint: {
      zh: '卡片平台 → 模板列表，以 .schema 结尾；留空时只发文字消息，没有按钮',
      en: 'Card platform → list of templates; ends with .schema. Left empty: text without buttons',
    },
    secret: false,
    required: false,
  },
  {
    name: 'robotCode',
    env: 'DINGTALK_ROBOT_CODE',
    label: { zh: '机器人 robotCode', en: 'robotCode' },
    hint: {
      zh: '应用能力 → 机器人；通常与 Client ID 相同，可以留空',
      en: 'App abilities → robot; usually the same as the Client ID, and may be left empty',
    },
    secret: false,
    required: false,
  },
  {
    name: 'mode',
    env: 'DINGTALK_MODE',
    label: { zh: '接收方式', en: 'How events come in' },
    hint: {
      zh: 'stream：由 Sluice 主动建立连接，不需要公网地址（推荐）；http：由钉钉调用 Sluice',
      en: 'stream: Sluice opens the connection, no public address is needed (recommended); http: DingTalk calls Sluice',
    },
    secret: false,
    required: false,
    choices: ['stream', 'http'],
  },
  {
    name: 'apiUrl',
    env: 'DINGTALK_API_URL',
    label: { zh: '新版接口地址', en: 'Address of the new API' },
    hint: {
      zh: '留空为 https://api.dingtalk.com；经过代理或专有部署时才填写',
      en: 'Empty: https://api.dingtalk.com. Only for proxies and private deployments',
    },
    secret: false,
    required: false,
  },
  {
    name: 'oapiUrl',
    env: 'DINGTALK_OAPI_URL',
    label: { zh: '旧版接口地址', en: 'Address of the old API' },
    hint: {
      zh: '留空为 https://oapi.dingtalk.com；用于通讯录和图片',
      en: 'Empty: https://oapi.dingtalk.com. Serves the directory and pictures',
    },
    secret: false,
    required: false,
  },
]

const steps: SetupGuide['steps'] = [
  {
    title: { zh: '取得开发者权限', en: 'Become a developer' },
    text: {
      zh: '用浏览器打开 https://open-dev.dingtalk.com，用钉钉扫码登录，选择企业。看不到「应用开发」时，请企业的主管理员打开 https://oa.dingtalk.com → 设置 → 权限管理（或「开发者权限」），把你加为子管理员并勾选开发者权限。',
      en: 'Open https://open-dev.dingtalk.com in a browser, scan the code with DingTalk to sign in, and choose the organisation. If there is no 应用开发 (App development), ask its main administrator to open https://oa.dingtalk.com → 设置 (Settings) → 权限管理 (Permissions) and make you a sub-administrator with 开发者权限 (developer permission).',
    },
  },
  {
    title: { zh: '创建应用', en: 'Create the app' },
    text: {
      zh: '点顶部「应用开发」→ 左侧「企业内部应用」→「钉钉应用」→ 右上「创建应用」。应用名称填 Sluice，应用描述填「Flink 作业的运维助手」，点「保存」。之后会进入应用的详情页，以下各步都在它的左侧菜单里。',
      en: 'Choose 应用开发 (App development) at the top → 企业内部应用 (Internal apps) on the left → 钉钉应用 (DingTalk apps) → 创建应用 (Create app) at the upper right. Name it Sluice, describe it as "Operates Flink jobs", and press 保存 (Save). The page of the app opens; the following steps are in its menu on the left.',
    },
  },
  {
    title: { zh: '复制凭证', en: 'Copy the credentials' },
    text: {
      zh: '左侧「基础信息」→「凭证与基础信息」。把 Client ID 和 Client Secret 填到 Sluice 的设置页；用环境变量时填到 DINGTALK_CLIENT_ID 和 DINGTALK_CLIENT_SECRET。Secret 相当于密码，不要发到群里。',
      en: 'On the left: 基础信息 (Basics) → 凭证与基础信息 (Credentials). Copy Client ID and Client Secret to the setup page of Sluice, or into DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET. The secret is a password: keep it out of chats.',
    },
  },
  {
    title: { zh: '添加机器人', en: 'Add the robot' },
    text: {
      zh: '左侧「应用能力」→「添加应用能力」→ 找到「机器人」卡片，点「添加」。在机器人页面打开「机器人配置」开关，填写机器人名称（Sluice）、简介、描述，上传图标和消息预览图。「消息接收模式」选「Stream 模式」，点「发布」并确认。robotCode 也在这一页；它通常与 Client ID 相同，不同时填到设置页的「机器人 robotCode」（DINGTALK_ROBOT_CODE）。',
      en: 'On the left: 应用能力 (App abilities) → 添加应用能力 (Add) → the card 机器人 (Robot) → 添加 (Add). On its page switch 机器人配置 (Robot configuration) on, fill in 机器人名称 (name: Sluice), 简介 (brief), 描述 (description), and upload an icon and a preview picture. Under 消息接收模式 (How messages are received) choose Stream 模式 (Stream mode), press 发布 (Publish) and confirm. The robotCode is on this page too; it usually equals the Client ID, and if not goes into the field robotCode (DINGTALK_ROBOT_CODE).',
    },
  },
  {
    title: { zh: '开通权限', en: 'Grant permissions' },
    text: {
      zh: '左侧「开发配置」→「权限管理」。在搜索框里逐个搜索下方「权限」一节的名称，点「申请权限」，直到状态变为「已开通」。Premium.Ding.Write 只有钉钉专业版和专属版有；没有时不用申请，告警就不会打电话或发短信。通讯录三项用于按邮箱或工号自动关联成员，申请后在「通讯录权限范围」（或「权限范围」）里选择「全部员工」，或者要使用 Sluice 的部门。',
      en: 'On the left: 开发配置 (Configuration) → 权限管理 (Permissions). Search for each name of the list of permissions below, press 申请权限 (Apply), until it says 已开通 (Granted). Premium.Ding.Write exists on the Professional and Exclusive editions only; without it leave it out, and alerts do not ring by phone or SMS. The three of the directory link members by e-mail or staff number; set their range, 通讯录权限范围 (Range of directory permissions), to 全部员工 (All staff) or to the departments that use Sluice.',
    },
  },
  {
    title: { zh: '导入卡片模板', en: 'Import the card template' },
    text: {
      zh: '打开 https://open-dev.dingtalk.com/fe/card（开发者后台顶部「开放能力」→「卡片平台」）。点「新建模板」：模板名称填 Sluice，卡片类型选「消息卡片」，关联应用选刚才创建的 Sluice，点「创建」。在模板列表点这个模板的「编辑」，进入搭建器；右上角「更多」→「导入」，选择 Sluice 安装目录里的 deploy/dingtalk/sluice-card.json。应当看到标题、正文和一个按钮。点右上角「保存」，再点「发布」。在模板列表复制模板 ID（以 .schema 结尾），填到设置页的「卡片模板 ID」（DINGTALK_CARD_TEMPLATE_ID）。',
      en: 'Open https://open-dev.dingtalk.com/fe/card (in the console: 开放能力 (Open abilities) at the top → 卡片平台 (Card platform)). Press 新建模板 (New template): name it Sluice, choose 消息卡片 (Message card) as 卡片类型 (type), choose the app Sluice under 关联应用 (App), and press 创建 (Create). In the list of templates press 编辑 (Edit); in the builder, at the upper right, 更多 (More) → 导入 (Import), and choose deploy/dingtalk/sluice-card.json from where Sluice is installed. A title, a text and a button should show. Press 保存 (Save), then 发布 (Publish). Copy the template ID from the list (it ends with .schema) into the field Card template ID (DINGTALK_CARD_TEMPLATE_ID).',
    },
  },
  {
    title: { zh: '导入不成功时，手工搭建', en: 'Build it by hand where the import does not work' },
    text: {
      zh: `在搭建器左侧「变量」里新建：title、tone、tag、subtitle、footer（类型「字符串」），body1 到 body8（类型「Markdown」），buttons1 到 buttons3（类型「按钮组」）。画布上从上到下放：「标签」（内容 \${tag}，tag 不为空时显示）；「基础文本」（内容 \${title}，加粗，最多 4 行）；「基础文本」（内容 \${subtitle}，灰色）；八个「Markdown」，内容依次绑定变量 body1 到 body8；「基础文本」（内容 \${footer}，灰色）；三个「按钮组」，按钮来源选「变量」，依次绑定 buttons1 到 buttons3。变量名必须完全一致。之后保存、发布，复制模板 ID。`,
      en: `In the builder, under 变量 (Variables) on the left, make: title, tone, tag, subtitle, footer of type 字符串 (string), body1 to body8 of type Markdown, buttons1 to buttons3 of type 按钮组 (button group). Put on the canvas, from top to bottom: a 标签 (Tag) with \${tag}, visible when tag is not empty; a 基础文本 (Text) with \${title}, bold, at most 4 lines; a 基础文本 with \${subtitle}, gray; eight Markdown blocks bound to body1 to body8; a 基础文本 with \${footer}, gray; three 按钮组 (Button groups), their buttons 来自变量 (from a variable), bound to buttons1 to buttons3. Names must be exactly these. Then save, publish, and copy the template ID.`,
    },
  },
  {
    title: { zh: '订阅离职事件（可选）', en: 'Subscribe to people leaving (optional)' },
    text: {
      zh: '左侧「开发配置」→「事件订阅」，推送方式选「Stream 模式推送」，在「通讯录事件」里打开「通讯录用户离职」（user_leave_org），点「保存」。有人离职时，Sluice 会停用他的账号。',
      en: 'On the left: 开发配置 (Configuration) → 事件订阅 (Event subscriptions). Choose Stream 模式推送 (Push by stream), switch on 通讯录用户离职 (a person left, user_leave_org) under 通讯录事件 (Directory events), and press 保存 (Save). Sluice then takes the account of a person who left out of use.',
    },
  },
  {
    title: { zh: '发布应用', en: 'Publish the app' },
    text: {
      zh: '左侧「应用发布」→「版本管理与发布」→「创建新版本」。填写版本号 1.0.0 和版本描述，「应用可见范围」选「全部员工」或要使用的部门，点「保存」，在弹窗里点「直接发布」。以后改动权限或机器人，都要再发布一个版本才生效。',
      en: 'On the left: 应用发布 (Release) → 版本管理与发布 (Versions) → 创建新版本 (New version). Fill in version 1.0.0 and a description, set 应用可见范围 (Visible to) to 全部员工 (All staff) or the departments concerned, press 保存 (Save), and 直接发布 (Publish now) in the dialog. A later change of permissions or of the robot takes effect with another version only.',
    },
  },
  {
    title: { zh: '启动并检查', en: 'Start and check' },
    text: {
      zh: '在 Sluice 的设置页保存，不用重启；用环境变量时，设置好后重启 Sluice。然后点「检查」。每一项都应当通过；没有填写模板 ID 时会有一条提示。服务器要能访问 api.dingtalk.com、oapi.dingtalk.com 和 wss-open-connection.dingtalk.com 的 443 端口。',
      en: 'Press Save on the setup page of Sluice; nothing has to be restarted. With environment variables, restart it. Then press Check. Everything should pass; without a template ID there is one note. The server must reach port 443 of api.dingtalk.com, oapi.dingtalk.com and wss-open-connection.dingtalk.com.',
    },
  },
  {
    title: { zh: '对机器人说第一句话', en: 'Say something to the robot' },
    text: {
      zh: '在钉钉顶部搜索框输入 Sluice，在「功能」里点开它，发送 /help。要在群里使用：打开群 → 右上「群设置」→「机器人」→「添加机器人」→ 搜索 Sluice →「添加」。在群里每句话都要 @Sluice，例如「@Sluice /job list」。',
      en: 'Type Sluice into the search box of DingTalk, open it under 功能 (Features), and send /help. For a group: open it → 群设置 (Group settings) at the upper right → 机器人 (Robots) → 添加机器人 (Add robot) → search for Sluice → 添加 (Add). Mention it each time there: "@Sluice /job list".',
    },
  },
  {
    title: { zh: '改用 http 方式（一般不需要）', en: 'http instead of stream (rarely needed)' },
    text: {
      zh: '只有服务器不能主动访问外网时才用。在 Sluice 里把接收方式选为 http（DINGTALK_MODE=http），并把 PUBLIC_URL 设为钉钉能访问的 https 地址。在机器人页面把「消息接收模式」改为「HTTP 模式」，「消息接收地址」填「公网地址/chat/dingtalk」，点「发布」，再发布一个应用版本。卡片按钮的回调地址（公网地址/chat/dingtalk/card）由 Sluice 启动时自己注册，并用由 Client Secret 算出的密钥校验签名。',
      en: 'Only where the server may not open connections to the outside. Choose http as the way events come in (DINGTALK_MODE=http), and set PUBLIC_URL to an https address that DingTalk can reach. On the page of the robot change 消息接收模式 to HTTP 模式 (HTTP mode), set 消息接收地址 (Message URL) to that address followed by /chat/dingtalk, press 发布 (Publish), and publish another version of the app. The address for taps (followed by /chat/dingtalk/card) is registered by Sluice at its start; their signature is checked with a key that follows from the Client Secret.',
    },
  },
]

export const DINGTALK_GUIDE: SetupGuide = {
  vendor: 'dingtalk',
  title: { zh: '钉钉', en: 'DingTalk' },
  summary: {
    zh: '完成后：可以在单聊和群里对 Sluice 说话，收到带按钮并原地更新的卡片，紧急告警可以 DING 到人。没有的：按钮按下后的即时提示、卡片里的表单、只给群里某一个人看的消息。',
    en: 'When done: people talk to Sluice alone or in groups, get cards with buttons that change in place, and urgent alerts ring them by DING. Not there: an instant note for who tapped, forms on cards, and messages for one person within a group.',
  },
  fields,
  steps,
  scopes: [
    {
      name: 'qyapi_robot_sendmsg',
      why: { zh: '企业内机器人发送消息权限：发送文字消息', en: 'Messages of text by the robot' },
    },
    {
      name: 'Card.Instance.Write',
      why: { zh: '互动卡片实例写权限：发送和更新卡片', en: 'Sending cards and changing them' },
    },
    {
      name: 'Premium.Ding.Write',
      why: {
        zh: '企业机器人发送撤回 DING 消息（可选，专业版和专属版）：紧急告警的应用内、短信和电话提醒',
        en: 'Optional, Professional and Exclusive editions: DING in the app, by SMS and by phone',
      },
    },
    {
      name: 'qyapi_get_member',
      why: { zh: '成员信息读权限（可选）：按姓名、工号认出成员', en: 'Optional: names and staff numbers' },
    },
    {
      name: 'qyapi_get_department_list',
      why: { zh: '通讯录部门信息读权限（可选）：列出部门', en: 'Optional: the departments' },
    },
    {
      name: 'qyapi_get_department_member',
      why: { zh: '通讯录部门成员读权限（可选）：列出部门里的人', en: 'Optional: who is in them' },
    },
    {
      name: 'fieldEmail',
      why: { zh: '邮箱等个人信息（可选）：按邮箱自动关联', en: 'Optional: linking by e-mail address' },
    },
  ],
  troubles: [
    {
      seen: { zh: '检查：没有拿到访问凭证', en: 'The check says that no access token was given out' },
      cure: {
        zh: 'Client ID 与 Client Secret 不成对，或 Secret 已重置：从「凭证与基础信息」重新复制两项。',
        en: 'Client ID and Client Secret are not of one app, or the secret was reset: copy both again from 凭证与基础信息 (Credentials).',
      },
    },
    {
      seen: { zh: '检查：Stream 连接没有建立', en: 'The check says that the stream connection is not open' },
      cure: {
        zh: '机器人的「消息接收模式」要选 Stream 模式并发布；服务器要能访问 api.dingtalk.com 和 wss-open-connection.dingtalk.com 的 443 端口。',
        en: 'The 消息接收模式 (how messages are received) of the robot must be Stream, and published; the server must reach port 443 of api.dingtalk.com and wss-open-connection.dingtalk.com.',
      },
    },
    {
      seen: { zh: '搜不到 Sluice，或发消息没有反应', en: 'Sluice cannot be found, or does not answer' },
      cure: {
        zh: '应用没有发布，或这个人不在「应用可见范围」里：再发布一个版本。群里每句话都要 @ 机器人。',
        en: 'The app is not published, or the person is outside of 应用可见范围 (visible to): publish another version. In groups the robot must be mentioned each time.',
      },
    },
    {
      seen: { zh: '卡片只有文字，没有按钮', en: 'Cards are text without buttons' },
      cure: {
        zh: '没有填写卡片模板 ID：导入 deploy/dingtalk/sluice-card.json，发布后填写以 .schema 结尾的 ID。',
        en: 'There is no card template ID: import deploy/dingtalk/sluice-card.json, publish it, and enter the ID that ends with .schema.',
      },
    },
    {
      seen: { zh: '卡片是空白的，或点按钮没有反应', en: 'Cards are blank, or their buttons do nothing' },
      cure: {
        zh: '模板没有发布，或变量名不完全一致，或模板关联的不是这个应用：重新导入、关联 Sluice、保存并发布。',
        en: 'The template is not published, a variable has another name, or it belongs to another app: import it again, choose Sluice as its app, save and publish.',
      },
    },
    {
      seen: {
        zh: '发送被拒绝：invalidParameter.robotCode.auth 或提示没有权限',
        en: 'Sending is refused with invalidParameter.robotCode.auth, or for a missing permission',
      },
      cure: {
        zh: '核对 robotCode；在「权限管理」开通上面列出的权限，然后发布新版本。',
        en: 'Compare the robotCode; grant the permissions listed above under 权限管理 (Permissions), and publish another version.',
      },
    },
    {
      seen: {
        zh: '发送被拒绝：90020 或 Forbidden.AccessDenied.ApiCountLimitForOrg',
        en: 'Sending is refused with 90020 or Forbidden.AccessDenied.ApiCountLimitForOrg',
      },
      cure: {
        zh: '本月接口调用次数已用完：升级版本，或等到下个月；这期间消息改走其他渠道。',
        en: 'The calls of this month are spent: change the edition, or wait for the next month; until then messages take other channels.',
      },
    },
  ],
  limits: [
    {
      zh: '没有卡片模板时只有文字：按钮变成可以输入的命令，消息不会更新。',
      en: 'Without a card template there is text only: buttons become commands to type, and messages do not change.',
    },
    {
      zh: '按下按钮后没有即时提示：结果显示在更新后的卡片上。',
      en: 'A tap is not answered at once: what came of it shows on the card that changes.',
    },
    {
      zh: '卡片里没有表单：缺少的内容以一行命令的形式列出，补全后发送。',
      en: 'Cards have no forms: what is missing is shown as a command line to complete and send.',
    },
    {
      zh: '不能只给群里一个人看：这样的消息发到他的单聊。',
      en: 'Nothing can be shown to one person of a group: such messages go to their own chat.',
    },
    {
      zh: '在群里只有 @机器人 的话能收到；机器人被加进群时没有通知，第一句话之后 Sluice 才知道这个群。',
      en: 'In groups only words that mention the robot arrive. It is not told when it is added: Sluice knows a group from the first words in it.',
    },
    {
      zh: '组织外的人没有员工 ID，他们的话不会被处理。',
      en: 'People from outside the organisation have no staff ID; what they say is left aside.',
    },
    {
      zh: '标准版每月约一万次接口调用，卡片的每次更新都算一次；用完后当月的消息改走其他渠道。',
      en: 'The standard edition has about 10,000 API calls a month, and each change of a card is one. When they are spent, messages of that month take other channels.',
    },
  ],
}
