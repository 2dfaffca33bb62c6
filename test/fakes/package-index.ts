import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Served {
  readonly path: string
  readonly authorization: string | undefined
  readonly range: string | undefined
}

type Answer = (request: IncomingMessage, response: ServerResponse) => boolean

/** A Python package index on the loopback address, with the faults that real ones have. */
export async function fakePackageIndex(
  packages: Readonly<Record<string, Readonly<Record<string, Uint8Array>>>>,
) {
  const served: Served[] = []
  const faults: Answer[] = []
  // Relative, as private indexes have it.
  let files = '../../files'
  let sizes = true
  const digests = new Map<string, string>()

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://x').pathname
    const { authorization, range } = request.headers
    served.push({ path, authorization, range })
    const fault = faults.findIndex((answer) => answer(request, response))
    if (fault >= 0) return
    const [, , name = '', file = ''] = /^\/(simple|files)\/([^/]+)\/(.*)$/.exec(path) ?? []
    if (path.startsWith('/simple/') && packages[name]) return page(name, response)
    const bytes = packages[name]?.[file]
    if (!bytes) return void response.writeHead(404).end('no such thing')
    sendFile(bytes, range, response)
  })

  function page(name: string, response: ServerResponse) {
    const offered = Object.entries(packages[name] ?? {}).map(([filename, bytes]) => ({
      filename,
      url: `${files}/${name}/${filename}`,
      hashes: { sha256: digests.get(filename) ?? createHash('sha256').update(bytes).digest('hex') },
      ...(sizes ? { size: bytes.length } : {}),
    }))
    response
      .writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' })
      .end(JSON.stringify({ files: offered }))
  }

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const origin = `127.0.0.1:${port}`

  return {
    origin: `http://${origin}`,
    url: `http://${origin}/simple`,
    urlWith: (userinfo: string) => `http://${userinfo}@${origin}/simple/`,
    served,
    /** Answers instead of the index while it returns true. */
    disturb: (answer: Answer) => faults.push(answer),
    /** Announces another digest than the file has. */
    lieAbout: (filename: string, sha256: string) => digests.set(filename, sha256),
    withoutSizes: () => {
      sizes = false
    },
    keepFilesAt: (other: string) => {
      files = `${other}/files`
    },
    close: () =>
      new Promise<void>((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
}

function sendFile(bytes: Uint8Array, range: string | undefined, response: ServerResponse) {
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
  if (from >= bytes.length) return void response.writeHead(416).end()
  const part = bytes.subarray(from)
  const headers = { 'content-length': part.length, 'content-type': 'application/octet-stream' }
  if (from === 0) return void response.writeHead(200, headers).end(part)
  const contentRange = `bytes ${from}-${bytes.length - 1}/${bytes.length}`
  response.writeHead(206, { ...headers, 'content-range': contentRange }).end(part)
}

export type FakePackageIndex = Awaited<ReturnType<typeof fakePackageIndex>>
