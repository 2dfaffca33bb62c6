import { useEffect, useRef } from 'preact/hooks'

/** Drawn on a canvas: the page's policy lets no data: or blob: address be a picture. */
export function Picture({ alt, png }: { alt: string; png: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    void draw(canvas.current, png)
  }, [png])
  return <canvas ref={canvas} class="picture" role="img" aria-label={alt} />
}

async function draw(canvas: HTMLCanvasElement | null, png: string): Promise<void> {
  if (!canvas) return
  const raw = atob(png.replace(/^data:[^,]*,/, ''))
  const bytes = Uint8Array.from(raw, (letter) => letter.charCodeAt(0))
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
  canvas.width = bitmap.width
  canvas.height = bitmap.height
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0)
}
