import { describe, expect, it } from 'vitest'
import { API_PREFIX, apiRoutes } from '../../src/api/api.http.ts'
import { openApi } from '../../src/api/openapi.ts'
import { notFound, STATUS } from '../../src/api/problem.ts'
import { sentence, title } from '../../src/api/texts.ts'

// biome-ignore lint/suspicious/noExplicitAny: a description is walked, not used.
type Json = any

const description: Json = openApi(apiRoutes, { prefix: API_PREFIX, version: '1.0.0' })
const operations: [string, string, Json][] = Object.entries<Json>(description.paths).flatMap(
  ([path, methods]) =>
    Object.entries<Json>(methods).map(([method, operation]): [string, string, Json] => [
      method,
      path,
      operation,
    ]),
)

describe('the OpenAPI description', () => {
  it('has every route', () => {
    const described = operations.map(([method, path]) => `${method} ${path}`).sort()

    expect(described).toEqual(apiRoutes.map(({ method, path }) => `${method} ${API_PREFIX}${path}`).sort())
  })

  it.each(operations)('%s %s names its parameters as its path does', (_, path, operation) => {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const described = operation.parameters.filter((one: Json) => one.in === 'path')

    expect(described.map((one: Json) => one.name).sort()).toEqual(inPath.sort())
    expect(described.every((one: Json) => one.required === true)).toBe(true)
  })

  it.each(operations)('%s %s describes an answer of every kind', (_, __, operation) => {
    const statuses = Object.keys(operation.responses)

    expect(statuses.some((status) => status.startsWith('2'))).toBe(true)
    for (const status of statuses.filter((one) => one.startsWith('4'))) {
      expect(Object.keys(operation.responses[status].content)).toEqual(['application/problem+json'])
    }
    expect(operation.summary.length).toBeGreaterThan(5)
  })

  it('has operation ids that are its own', () => {
    const ids = operations.map(([, , operation]) => operation.operationId)

    expect(new Set(ids).size).toBe(ids.length)
  })

  it('refers only to what is there, and keeps nothing that is never used', () => {
    const text = JSON.stringify(description)
    const referred = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name)

    expect([...new Set(referred)].sort()).toEqual(Object.keys(description.components.schemas).sort())
    expect(text).not.toMatch(/\$defs|x-integer|x-flag|"readOnly"/)
  })
})

describe('what people read when something is refused', () => {
  it('has a title in both languages for every status', () => {
    for (const status of new Set(Object.values(STATUS))) {
      expect(title(status, 'en')).toMatch(/^[A-Z]/)
      expect(title(status, 'zh')).toMatch(/[\u4e00-\u9fff]/)
    }
  })

  it('names what is near', () => {
    expect(sentence(notFound('job', 'oders', ['orders']), 'en')).toBe(
      'There is no job "oders". Did you mean orders?',
    )
    expect(sentence(notFound('job', 'oders', ['orders']), 'zh')).toBe('没有名为“oders”的作业。是不是 orders?')
  })
})
