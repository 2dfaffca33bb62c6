/**
 * Who of several processes does what only one may do: poll a cluster, sweep up. A lease is a hint with a deadline, as
 * its holder may sleep past it; what must not happen twice is guarded by the fence.
 */
export interface Leases {
  /**
   * Takes the lease, or prolongs our own, until `ms` from now. Its fence is a number that grows with every change of
   * holder and never repeats, restarts included. Null: another process holds it.
   */
  take(name: string, ms: number): Promise<number | null>
  /** Lets others take it at once. Somebody else's is left alone. */
  giveUp(name: string): Promise<void>
}
