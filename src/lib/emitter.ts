/** Hands what happens to everybody who listens, in this process, at once and in order. */
export interface Emitter<T> {
  publish(event: T): void
  /** Returns the way to stop. */
  subscribe(listener: (event: T) => void): () => void
}

export function createEmitter<T>(onError: (error: unknown) => void = () => {}): Emitter<T> {
  const listeners = new Set<(event: T) => void>()
  return {
    publish(event) {
      for (const listener of [...listeners]) {
        try {
          listener(event)
        } catch (error) {
          // One listener's mistake must not keep the news from the others.
          onError(error)
        }
      }
    },
    subscribe(listener) {
      // A fresh function, so that the same listener may subscribe twice and stop once.
      const own = (event: T) => listener(event)
      listeners.add(own)
      return () => void listeners.delete(own)
    },
  }
}
