/** Expected refusals are values. `near`: names close to what was asked. */
export type Found<T> = { ok: true; value: T } | { ok: false; near: readonly string[] }
export type Done<T, Why> = { ok: true; value: T } | { ok: false; why: Why }
