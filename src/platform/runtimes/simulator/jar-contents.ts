import { strFromU8, unzipSync } from 'fflate'

/** What a simulated cluster can tell about an uploaded jar without running it. */
export interface JarContents {
  isZip: boolean
  mainClass: string | null
  classes: ReadonlySet<string>
  /** The script inside, when it is a SQL job. */
  script: string | null
}

export function readJar(bytes: Uint8Array): JarContents {
  const classes = new Set<string>()
  try {
    const files = unzipSync(bytes, {
      filter: ({ name }) => {
        if (name.endsWith('.class')) classes.add(name.slice(0, -'.class'.length).replaceAll('/', '.'))
        return name === 'META-INF/MANIFEST.MF' || name.endsWith('.sql')
      },
    })
    const manifest = files['META-INF/MANIFEST.MF']
    const script = Object.entries(files).find(([name]) => name.endsWith('.sql'))?.[1]
    return {
      isZip: true,
      mainClass: manifest ? mainClassOf(strFromU8(manifest)) : null,
      classes,
      script: script ? strFromU8(script) : null,
    }
  } catch {
    return { isZip: false, mainClass: null, classes, script: null }
  }
}

/** Long lines of a manifest go on after a line break and a space. */
function mainClassOf(manifest: string): string | null {
  const whole = manifest.replace(/\r?\n /g, '')
  return /^Main-Class:\s*(\S+)/m.exec(whole)?.[1] ?? null
}

export interface UploadedFile {
  name: string
  bytes: Uint8Array
}

/** The one file of a multipart body; null when there is none. */
export function readMultipart(contentType: string, body: Buffer): UploadedFile | null {
  const boundary = /boundary=("?)([^";]+)\1/.exec(contentType)?.[2]
  if (!boundary) return null
  const headEnd = body.indexOf('\r\n\r\n')
  const tail = body.lastIndexOf(`\r\n--${boundary}--`)
  if (headEnd < 0 || tail < headEnd) return null
  const name = /filename="([^"]*)"/.exec(body.subarray(0, headEnd).toString('utf8'))?.[1]
  return name === undefined ? null : { name, bytes: body.subarray(headEnd + 4, tail) }
}
