import { resolve } from 'node:path'
import { runDemo } from '../demo/demo.cli.ts'
import { type Context, EXIT, type Exit, type Language, Refusal } from './cli.ts'
import type { GivenTo } from './commands.ts'

/** The demo itself is in src/demo; here is only what was asked for. */
export async function demo(given: GivenTo<'demo'>, context: Context): Promise<Exit> {
  const from = given.text('from')
  const sandbox = given.has('sandbox')
  if (sandbox && from !== null) throw new Refusal(EXIT.usage, WORDS[context.language].noFlinkInSandbox)
  const { environment, cwd } = context
  const code = await runDemo({
    environment,
    cwd,
    tour: given.has('tour'),
    sandbox,
    from: from === null ? null : resolve(cwd, from),
    port: given.number('port'),
  })
  return code === 0 ? EXIT.done : EXIT.notDone
}

const WORDS = {
  zh: { noFlinkInSandbox: '--sandbox 不使用 Flink，不能和 --from 一起给。' },
  en: { noFlinkInSandbox: '--sandbox uses no Flink: leave out --from.' },
} as const satisfies Record<Language, object>
