import { BODY_PARTS, BUTTON_ROWS } from '../src/bot/adapters/dingtalk/render.ts'

type Props = Record<string, unknown>

/** One component of the builder's tree. */
interface Node {
  componentName: string
  id: string
  props: Props
  title: string
  hidden: boolean
  isLocked: boolean
  condition: boolean
  conditionGroup: string
  children?: readonly Node[]
}

const TAGS = { progress: 'blue', good: 'green', warning: 'orange', bad: 'red' }

const bodies = numbered('body', BODY_PARTS)
const rows = numbered('buttons', BUTTON_ROWS)

/** The card's template in the form that DingTalk's card builder exports and imports. */
export function dingtalkCard() {
  const editor = {
    schemaVersion: '3.0.0',
    schema: { version: '1.0.0', componentsMap: components(), componentsTree: [card()], i18n: {} },
    mockData: { cardData: sample(), cardPrivateData: {}, localData: {}, richTextData: {} },
    editVersion: 0,
    customWidgetInfo: '',
    useCustomWidgetInfo: false,
    variableList: variables(),
    formList: [],
    expList: [],
    localList: [],
    hsfList: [],
    lwpList: [],
    extension: { extendType: 'NORMAL', fileTypeList: [] },
  }
  return { editorData: JSON.stringify(editor), widgetInfo: '', type: 'im', mode: 'card' }
}

// --- the tree ------------------------------------------------------------------------------------------------------

function card(): Node {
  return {
    ...node('Card', 'card', '', {
      linkCondition: always(),
      url: { type: 'dynamicLink', value: '', valueType: 'fixed', variable: '', variableType: 'global' },
      enableClickEvent: false,
      hasCardHeader: false,
      paddingLeft: 0,
      paddingRight: 0,
      paddingTop: 6,
      paddingBottom: 6,
      autoFoldConfig: {
        needFold: false,
        heightLimit: 480,
        foldStatusLocalDataKey: '_cardFoldStatusLocalDataKey',
      },
      summaryContent: { type: 'variableValue', variableType: 'global', variable: 'title' },
    }),
    children: [
      ...Object.entries(TAGS).map(([tone, color]) => tag(tone, color)),
      line('title', { bold: true, color: 'black', size: 'middle', lines: 4, visible: always() }),
      line('subtitle', { bold: false, color: 'gray', size: 'small', lines: 3, visible: filled('subtitle') }),
      ...bodies.map(body),
      line('footer', { bold: false, color: 'gray', size: 'small', lines: 3, visible: filled('footer') }),
      ...rows.map(buttons),
    ],
  }
}

function tag(tone: string, color: string): Node {
  return node('Tag', `tag_${tone}`, '标签', {
    text: text('tag'),
    color: { type: 'dynamicSelect', valueType: 'fixed', value: color, variable: '', variableType: 'global' },
    tagStyle: 'hollow',
    visible: when('tone', 'equal', tone),
    ...margins(6, 0),
  })
}

function line(
  name: string,
  look: { bold: boolean; color: string; size: string; lines: number; visible: Props },
): Node {
  return node('BaseText', `text_${name}`, '基础文本', {
    text: text(name),
    maxLine: {
      type: 'dynamicNumber',
      valueType: 'fixed',
      value: look.lines,
      variable: '',
      variableType: 'global',
    },
    fontColorType: 'Standard',
    color: look.color,
    fontSizeType: 'Standard',
    size: look.size,
    styleType: 'custom',
    styleToken: 'common_body_text_style',
    bold: look.bold,
    italic: false,
    strikeThrough: false,
    gravity: 'left',
    lineHeight: 'normal',
    autoWidth: true,
    visible: look.visible,
    ...margins(6, 0),
  })
}

function body(name: string): Node {
  return node('Markdown', `markdown_${name}`, 'Markdown 内容', {
    mdVer: 0,
    content: {
      type: 'dynamicMarkdown',
      valueType: 'variable',
      value: '',
      variable: name,
      variableType: 'global',
    },
    hoverText: { type: 'dynamicString', content: '', i18n: false },
    visible: filled(name),
    innerOffset: 0,
    ...margins(6, 0),
  })
}

function buttons(name: string): Node {
  return node('ButtonGroup', `group_${name}`, '按钮组', {
    buttonsSource: 'variable',
    dynamicButtons: { type: 'variableValue', variableType: 'global', variable: name },
    fixedButtonIds: [],
    fixedButtons: [],
    enableResponsiveLayout: false,
    responsiveLayoutWidth: 350,
    matchContent: false,
    buttonSpacing: 8,
    visible: when(name, 'lengthNotEqual', 0),
    ...margins(6, 6),
  })
}

function node(componentName: string, name: string, title: string, props: Props): Node {
  return {
    componentName,
    id: `node_sluice_${name}`,
    props,
    title,
    hidden: false,
    isLocked: false,
    condition: true,
    conditionGroup: '',
  }
}

function margins(marginTop: number, marginBottom: number): Props {
  return { marginLeft: 12, marginRight: 12, marginTop, marginBottom }
}

function text(variable: string): Props {
  return { type: 'dynamicString', content: `\${${variable}}`, i18n: false }
}

function always(): Props {
  return {
    type: 'dynamicVisible',
    value: true,
    valueType: 'fixed',
    condition: { op: 'and', conditions: [] },
  }
}

function filled(variable: string): Props {
  return when(variable, 'isNotEmpty', '')
}

function when(variable: string, op: string, value: string | number): Props {
  const condition = {
    type: 'variable',
    variable,
    variableType: 'global',
    op,
    value,
    valueType: 'fixed',
    valueVariableType: 'global',
  }
  return {
    type: 'dynamicVisible',
    value: true,
    valueType: 'condition',
    condition: { op: 'and', conditions: [condition] },
  }
}

function components() {
  return ['Tag', 'BaseText', 'Markdown', 'ButtonGroup', 'Card'].map((name) => ({
    package: '@ali/dxComponent',
    version: '1.0.0',
    exportName: name,
    main: './src/index.tsx',
    destructuring: false,
    subName: '',
    componentName: name,
  }))
}

// --- the variables -------------------------------------------------------------------------------------------------

function variables() {
  return [
    variable('title', 'string', '标题，也是通知里的一行'),
    variable('tone', 'string', 'neutral | progress | good | warning | bad'),
    variable('tag', 'string', '标题上方的标签；为空时不显示'),
    variable('subtitle', 'string', '环境、团队、时间'),
    ...bodies.map((name) => variable(name, 'markdown', '正文的一段，最长 1 KB')),
    variable('footer', 'string', '页脚'),
    ...rows.map(buttonVariable),
  ]
}

function variable(name: string, type: string, description: string, id = name) {
  return { id, name, type, description, private: false, editorVarType: 'variables', disabled: false }
}

function buttonVariable(row: string) {
  const part = (name: string, type: string, description: string) =>
    variable(name, type, description, `${row}.${name}`)
  return {
    ...variable(row, 'buttonGroup', '一行按钮'),
    schema: [
      part('text', 'string', '按钮文案'),
      part('color', 'string', '按钮颜色'),
      part('status', 'string', '按钮状态'),
      {
        ...part('event', 'dynamicEvent', '点击事件'),
        schema: [
          part('type', 'string', 'sendCardRequest'),
          {
            ...part('params', 'object', '事件参数'),
            schema: [
              part('actionId', 'string', '回传请求 id'),
              part('params', 'object', '回传请求参数：press、chat'),
            ],
          },
        ],
      },
    ],
  }
}

function sample(): Props {
  return {
    title: 'orders-cdc 正在重启',
    tone: 'progress',
    tag: '进行中',
    subtitle: '生产 / 数据组 · 林 14:02 发起',
    ...Object.fromEntries(bodies.map((name, i) => [name, i === 0 ? '版本 12 · 先做 savepoint 再启动' : ''])),
    footer: '',
    ...Object.fromEntries(rows.map((name, i) => [name, i === 0 ? [sampleButton()] : []])),
  }
}

function sampleButton(): Props {
  return {
    text: '取消',
    color: 'gray',
    status: 'normal',
    event: {
      type: 'sendCardRequest',
      params: { actionId: 'press', params: { press: 'sample', chat: 'sample' } },
    },
  }
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${name}${i + 1}`)
}
