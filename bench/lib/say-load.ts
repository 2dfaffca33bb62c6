import { fork } from 'node:child_process'
import { join } from 'node:path'

export interface SayLoad {
  address: string
  token: string
  texts: readonly string[]
  /** Their short names, taken in turn. */
  chats: readonly string[]
  rate: number
}

/** People who type, over REST and from another process: their CPU time is not the server's. How long each took, in ms. */
export function load(given: SayLoad): Promise<number[]> {
  const child = fork(join(import.meta.dirname, 'say-load.child.ts'), { execArgv: ['--import', 'tsx'] })
  child.send(given)
  return new Promise((resolve, reject) => {
    child.once('message', (took) => {
      child.kill()
      resolve(took as number[])
    })
    child.once('exit', (code) => reject(new Error(`The load ended with ${code}.`)))
  })
}
