/** What of a manifest is worth keeping beside the entry class. */
const KEPT = [
  'Main-Class',
  'program-class',
  'Implementation-Title',
  'Implementation-Version',
  'Build-Jdk',
  'Build-Jdk-Spec',
  'Created-By',
]
const LONGEST = 500

/** The attributes of a jar's manifest that we keep. Long lines go on after a line break and a space. */
export function readManifestText(text: string): Record<string, string> {
  const main = text.replaceAll(/\r\n?/g, '\n').replaceAll('\n ', '').split('\n\n', 1)[0] ?? ''
  const kept: Record<string, string> = {}
  for (const line of main.split('\n')) {
    const [, name = '', value = ''] = /^([\w-]+): (.*)$/.exec(line) ?? []
    if (KEPT.includes(name)) kept[name] = value.trim().slice(0, LONGEST)
  }
  return kept
}

/** The class that Flink starts when a release names none; its own attribute wins over Java's. */
export function entryClassOf(manifest: Readonly<Record<string, string>>): string | null {
  return manifest['program-class'] || manifest['Main-Class'] || null
}
