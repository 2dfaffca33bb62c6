/** Which conversations are of two, and with whom, as far as events and answers told. Forgotten with the process. */
export interface DirectChats {
  isDirect(chat: string): boolean
  directChatOf(person: string): string | null
  remember(person: string, chat: string): void
}

const MOST = 10_000

export function directChats(): DirectChats {
  const byPerson = new Map<string, string>()
  const chats = new Set<string>()
  return {
    isDirect: (chat) => chats.has(chat),
    directChatOf: (person) => byPerson.get(person) ?? null,
    remember(person, chat) {
      if (byPerson.get(person) === chat) return
      if (byPerson.size >= MOST) {
        byPerson.clear()
        chats.clear()
      }
      byPerson.set(person, chat)
      chats.add(chat)
    },
  }
}
