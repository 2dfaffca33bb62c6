import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/**
 * Everything lands in dist/web as files of our own: no CDN, no inline script or style, so that the page works under
 * `default-src 'self'`. `assetsInlineLimit: 0` keeps small pictures from becoming data: URLs, which that policy refuses.
 */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } },
  },
})
