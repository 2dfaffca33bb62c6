import type { Storm } from './storm.ts'

export interface StormStore {
  of(chatId: string): Promise<Storm>
  /** Under a lock: of two that change one chat's storm the second sees what the first did. */
  change<T>(chatId: string, change: (storm: Storm) => { storm: Storm; result: T }): Promise<T>
  /** Chats in which one goes on. */
  going(): Promise<readonly string[]>
}
