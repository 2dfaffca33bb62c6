/** Runs of one property. A long run sets it to 100,000 here. */
export const RUNS = 3_000

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

export interface Damage {
  /** Which of all places is struck. */
  at: number
  put: Json
}

/** The value with some of its places overwritten, texts of JSON within it included. */
export function mutated(value: Json, damages: readonly Damage[]): Json {
  return damages.reduce<Json>((whole, { at, put }) => {
    const places = placesOf(whole)
    const place = places[at % places.length]
    return place ? replaced(whole, place, put) : whole
  }, value)
}

type Path = readonly (string | number)[]

function placesOf(value: Json, path: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [path]
  const inner = Array.isArray(value) ? value.map((one, i) => [i, one] as const) : Object.entries(value)
  return [path, ...inner.flatMap(([name, one]) => placesOf(one, [...path, name]))]
}

function replaced(value: Json, [first, ...rest]: Path, put: Json): Json {
  if (first === undefined) return put
  if (Array.isArray(value)) return value.map((one, i) => (i === first ? replaced(one, rest, put) : one))
  if (value === null || typeof value !== 'object') return put
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, name === first ? replaced(one, rest, put) : one]),
  )
}
