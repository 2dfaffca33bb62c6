/** Names and values of what an alert is about. An empty value is the same as none. */
export type Labels = Readonly<Record<string, string>>

const LEGACY_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** As Alertmanager 0.25 and Prometheus 2 take it. */
export function isLegacyLabelName(name: string): boolean {
  return LEGACY_NAME.test(name)
}

/** Any text that can be written as UTF-8. */
export function isLabelName(name: string): boolean {
  return name !== '' && !/\p{Surrogate}/u.test(name)
}

/** Without labels that say nothing. */
export function cleanLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''))
}

/** By code points, as Go sorts strings: the order in which Alertmanager writes and hashes labels. */
export function sortedNames(labels: Labels): readonly string[] {
  return Object.keys(labels).sort((a, b) => (a < b ? -1 : 1))
}

/** `{a="b", c="d"}`, as Alertmanager writes it. */
export function labelsText(labels: Labels): string {
  return `{${sortedNames(labels)
    .map((name) => `${isLegacyLabelName(name) ? name : goQuoted(name)}=${goQuoted(labels[name] ?? '')}`)
    .join(', ')}}`
}

/** As Go's strconv.Quote writes it. */
export function goQuoted(text: string): string {
  return `"${[...text].map(goEscaped).join('')}"`
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ '"': '\\"', '\\': '\\\\', '\u0007': '\\a', '\b': '\\b', '\f': '\\f' },
  ...{ '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' },
}

function goEscaped(character: string): string {
  const known = ESCAPES[character]
  if (known !== undefined) return known
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`
  return character
}

const encoder = new TextEncoder()
const SEPARATOR = 0xff

/**
 * As Prometheus counts it (common/model, labelsToSignature): FNV-1a of 64 bits over sorted names and values, each
 * followed by 0xff. In four parts of 16 bits, because numbers hold 53 and BigInt is ten times slower.
 */
export function fingerprintOf(labels: Labels): string {
  const hash = new Fnv64()
  for (const name of sortedNames(labels)) {
    hash.add(name)
    hash.byte(SEPARATOR)
    hash.add(labels[name] ?? '')
    hash.byte(SEPARATOR)
  }
  return hash.hex()
}

class Fnv64 {
  // The offset basis cbf29ce484222325, lowest part first.
  private a = 0x2325
  private b = 0x8422
  private c = 0x9ce4
  private d = 0xcbf2

  add(text: string): void {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code > 0x7f) {
        for (const byte of encoder.encode(text.slice(at))) this.byte(byte)
        return
      }
      this.byte(code)
    }
  }

  /** Times the prime 2^40 + 0x1b3. */
  byte(value: number): void {
    const a = this.a ^ value
    const { b, c, d } = this
    const low = a * 0x1b3
    const second = b * 0x1b3 + (low >>> 16)
    // 2^40 moves a part up by two places and eight bits.
    const third = c * 0x1b3 + (second >>> 16) + ((a << 8) & 0xffff)
    const fourth = d * 0x1b3 + Math.floor(third / 0x10000) + (a >>> 8) + ((b << 8) & 0xffff)
    this.a = low & 0xffff
    this.b = second & 0xffff
    this.c = third & 0xffff
    this.d = fourth & 0xffff
  }

  hex(): string {
    return [this.d, this.c, this.b, this.a].map((part) => part.toString(16).padStart(4, '0')).join('')
  }
}
