import { fontFiles } from '../../package.file.ts'
import { FONT, type Pictures } from './pictures.ts'

/** Twice what is drawn: phones show it sharp. */
const SCALE = 2

/** The library is loaded with the first picture: a server that draws none has nothing of it. */
export function openPictures(): Pictures {
  return {
    async png(svg) {
      const { Resvg } = await import('@resvg/resvg-js')
      const font = { fontFiles: fontFiles(), loadSystemFonts: false, defaultFontFamily: FONT }
      const drawn = new Resvg(svg, { font, fitTo: { mode: 'zoom', value: SCALE } })
      return drawn.render().asPng().toString('base64')
    },
  }
}
