import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'

export type HadoopConf = { ok: true; conf: ReadonlyMap<string, string> } | { ok: false; file: string }

/** The last wins, as in Hadoop. */
const FILES = ['core-site.xml', 'hdfs-site.xml', 'yarn-site.xml']

/** Reads a Hadoop conf dir. `file`: what is missing there, or is not a configuration of Hadoop. */
export async function readHadoopConf(directory: string): Promise<HadoopConf> {
  const conf = new Map<string, string>()
  for (const name of FILES) {
    const file = join(directory, name)
    const text = await readFile(file, 'utf8').catch(() => null)
    const properties = text === null ? null : propertiesIn(text)
    if (properties === null) return { ok: false, file }
    for (const [key, value] of properties) conf.set(key, value)
  }
  return { ok: true, conf }
}

/** Values stay texts: a port is no number here, and a password might look like one. */
const parser = new XMLParser({
  parseTagValue: false,
  processEntities: true,
  isArray: (name) => name === 'property',
})

const configuration = z.object({
  configuration: z.union([
    z.literal('').transform(() => ({ property: [] })),
    z.object({
      property: z.array(z.object({ name: z.string(), value: z.string().default('') })).default([]),
    }),
  ]),
})

function propertiesIn(text: string): [string, string][] | null {
  let document: unknown
  try {
    document = parser.parse(text)
  } catch {
    return null
  }
  const read = configuration.safeParse(document)
  if (!read.success) return null
  return read.data.configuration.property.map(({ name, value }) => [name.trim(), value.trim()])
}
