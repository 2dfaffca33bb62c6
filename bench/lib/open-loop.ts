/**
 * Begins one thing after another at a constant rate, whether or not the former ones have ended, and measures each from
 * when it was due: a server that stands still is charged for everybody who had to wait, not for one of them.
 */
export async function atRate(
  perSecond: number,
  count: number,
  act: (at: number) => Promise<unknown>,
): Promise<number[]> {
  const first = performance.now() + 50
  const all: Promise<number>[] = []
  for (let at = 0; at < count; at++) {
    const due = first + (at * 1000) / perSecond
    const early = due - performance.now()
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
    all.push(act(at).then(() => performance.now() - due))
  }
  return Promise.all(all)
}
