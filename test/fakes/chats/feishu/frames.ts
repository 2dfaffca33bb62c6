/** The frames of the long connection: protobuf, seven fields of it, written by hand. */
export interface Frame {
  service: number
  /** 0: about the connection; 1: an event or its acknowledgement. */
  method: number
  headers: Readonly<Record<string, string>>
  payload: Buffer
}

export function encodeFrame({ service, method, headers, payload }: Frame): Buffer {
  return Buffer.concat([
    number(1, 1),
    number(2, 1),
    number(3, service),
    number(4, method),
    ...Object.entries(headers).map(([key, value]) =>
      bytes(5, Buffer.concat([bytes(1, Buffer.from(key)), bytes(2, Buffer.from(value))])),
    ),
    bytes(8, payload),
  ])
}

export function decodeFrame(data: Buffer): Frame {
  const fields = fieldsOf(data)
  const numberAt = (tag: number) => Number(fields.find((one) => one.tag === tag)?.value ?? 0)
  const headers = fields.filter((one) => one.tag === 5).map((one) => fieldsOf(one.value as Buffer))
  const text = (inner: Field[], tag: number) => String(inner.find((one) => one.tag === tag)?.value ?? '')
  return {
    service: numberAt(3),
    method: numberAt(4),
    headers: Object.fromEntries(headers.map((inner) => [text(inner, 1), text(inner, 2)])),
    payload: (fields.find((one) => one.tag === 8)?.value as Buffer | undefined) ?? Buffer.alloc(0),
  }
}

interface Field {
  tag: number
  value: number | Buffer
}

function fieldsOf(data: Buffer): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = data[at++] ?? 0
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
  while (at < data.length) {
    const key = varint()
    const read = varint()
    const isBytes = (key & 7) === 2
    fields.push({ tag: key >> 3, value: isBytes ? data.subarray(at, at + read) : read })
    if (isBytes) at += read
  }
  return fields
}

function number(tag: number, value: number): Buffer {
  return Buffer.concat([varintOf(tag << 3), varintOf(value)])
}

function bytes(tag: number, value: Buffer): Buffer {
  return Buffer.concat([varintOf((tag << 3) | 2), varintOf(value.length), value])
}

function varintOf(value: number): Buffer {
  const out: number[] = []
  let left = value
  while (left >= 0x80) {
    out.push((left & 0x7f) | 0x80)
    left = Math.floor(left / 128)
  }
  return Buffer.from([...out, left])
}
