/** A text that must stand nowhere, and what it is called when it does. */
export interface Hidden {
  name: string
  secret: string
}

/** Where secrets stand, as themselves or written in another way: `appSecret of feishu in the log`. */
export function leaksIn(places: Readonly<Record<string, string>>, hidden: readonly Hidden[]): string[] {
  return Object.entries(places).flatMap(([place, text]) =>
    hidden
      .filter(({ secret }) => waysToWrite(secret).some((written) => text.includes(written)))
      .map(({ name }) => `${name} in ${place}`),
  )
}

function waysToWrite(secret: string): string[] {
  const quoted = JSON.stringify(secret).slice(1, -1)
  const bytes = Buffer.from(secret)
  const encoded = (['base64', 'base64url', 'hex'] as const).map((encoding) => bytes.toString(encoding))
  return [secret, quoted, encodeURIComponent(secret), ...encoded]
}
