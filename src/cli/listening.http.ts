import { createServer } from 'node:net'

/** Null: the address can be listened on now. Else what the operating system said. */
export function whyNotListen({ host, port }: { host: string; port: number }): Promise<Error | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen(port, host.replace(/^\[|\]$/g, ''), () => server.close(() => resolve(null)))
  })
}
