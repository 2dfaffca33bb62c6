import { join } from 'node:path'

/** While this file is there, the job fragile breaks. */
export function breakFile(home: string): string {
  return join(home, 'demo', 'break-fragile')
}
