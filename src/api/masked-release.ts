import { isSecretKey, maskText, maskWhole, type Release } from '../platform/platform.ts'

/** A release for people's eyes: what looks like a secret in its settings, arguments and SQL is masked. */
export function maskedRelease(release: Release, { sql }: { sql: 'whole' | 'masked' }): Release {
  const settings = Object.entries(release.flinkSettings).map(([key, value]) => [
    key,
    isSecretKey(key) ? '***' : maskText(value),
  ])
  return {
    ...release,
    program: maskedProgram(release.program, sql),
    flinkSettings: Object.fromEntries(settings),
  }
}

function maskedProgram(program: Release['program'], sql: 'whole' | 'masked'): Release['program'] {
  if (program.is === 'sql') {
    return sql === 'whole' ? program : { is: 'sql', script: maskWhole(program.script) }
  }
  return { ...program, args: maskedArgs(program.args) }
}

/** `--db-password x`: the value stands in an argument of its own. */
function maskedArgs(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    const before = args[index - 1] ?? ''
    const isValue = /^--?[\w.-]+$/.test(before) && isSecretKey(before) && !arg.startsWith('--')
    return isValue ? '***' : maskText(arg)
  })
}
