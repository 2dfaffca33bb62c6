/** The facts that a sentence about a problem may name, as text. */
export type Facts = Record<
  'wanted' | 'url' | 'status' | 'offered' | 'file' | 'freeMb' | 'neededMb' | 'path' | 'pid',
  string
> &
  Record<
    'name' | 'field' | 'value' | 'key' | 'from' | 'to' | 'script' | 'tail' | 'logFile' | 'pids',
    string
  > &
  Record<'home' | 'detail', string>

const NOTHING: Facts = {
  ...{ wanted: '', url: '', status: '', offered: '', file: '', freeMb: '', neededMb: '', path: '', pid: '' },
  ...{
    name: '',
    field: '',
    value: '',
    key: '',
    from: '',
    to: '',
    script: '',
    tail: '',
    logFile: '',
    pids: '',
  },
  ...{ home: '', detail: '' },
}

/** The plain members of a problem as words; lists are joined. */
export function wordsOf(problem: object): Facts {
  const words = Object.entries(problem).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : String(value),
  ])
  return { ...NOTHING, ...Object.fromEntries(words) }
}
