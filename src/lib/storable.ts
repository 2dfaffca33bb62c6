/** The database stores neither NUL nor half a surrogate pair. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is exactly what must not come in.
export const STORABLE = /^[^\u0000\ud800-\udfff]*$/u
