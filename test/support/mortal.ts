/** When a process dies: as it is about to do something, or just after. */
export interface Death {
  at: string
  when: 'before' | 'after'
}

export interface Life {
  isOver: boolean
  /** `conversation.insert` */
  ends: Death | null
}

/** What a process reaches the world by. Once it is dead nothing that it asks for is done or answered any more. */
export function mortal<T extends object>(name: string, parts: T, life: Life): T {
  return new Proxy(parts, {
    get(target, key) {
      const part: unknown = Reflect.get(target, key)
      if (typeof part !== 'function') return part
      const isEnd = (when: Death['when']) =>
        life.ends?.at === `${name}.${String(key)}` && life.ends.when === when
      return async (...args: unknown[]) => {
        if (isEnd('before')) life.isOver = true
        if (life.isOver) return NEVER
        const answer: unknown = await Reflect.apply(part, target, args)
        if (isEnd('after')) life.isOver = true
        return life.isOver ? NEVER : answer
      }
    },
  })
}

const NEVER = new Promise<never>(() => {})
