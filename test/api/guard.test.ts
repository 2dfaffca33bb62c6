import { describe, expect, it } from 'vitest'
import { isOurHost, isOurOrigin } from '../../src/api/guard.ts'
import { accepted, chosen } from '../../src/api/language.ts'

const LOOPBACK = { host: '127.0.0.1', publicUrl: null }
const EVERYWHERE = { host: '0.0.0.0', publicUrl: null }
const PUBLIC = { host: '127.0.0.1', publicUrl: 'https://sluice.example.com' }

describe('a Host header', () => {
  it.each([
    ['localhost:8080', LOOPBACK, true],
    ['LOCALHOST', LOOPBACK, true],
    ['127.0.0.1:8080', LOOPBACK, true],
    ['[::1]:8080', LOOPBACK, true],
    ['evil.example:8080', LOOPBACK, false],
    ['localhost.evil.example', LOOPBACK, false],
    ['127.0.0.1.evil.example', LOOPBACK, false],
    ['192.168.1.4:8080', LOOPBACK, false],
    ['sluice', LOOPBACK, false],
    [undefined, LOOPBACK, false],
    ['', LOOPBACK, false],
    ['localhost@evil.example', LOOPBACK, false],
    ['192.168.1.4:8080', EVERYWHERE, true],
    ['[fd00::1]:8080', EVERYWHERE, true],
    ['sluice:8080', EVERYWHERE, true],
    ['evil.example', EVERYWHERE, false],
    ['sluice.example.com', PUBLIC, true],
    ['Sluice.Example.Com', PUBLIC, true],
    ['other.example.com', PUBLIC, false],
  ])('%s with %j: ours is %s', (header, addresses, ours) => {
    expect(isOurHost(header, addresses)).toBe(ours)
  })
})

describe('an Origin header', () => {
  it.each([
    [undefined, 'localhost:8080', LOOPBACK, true],
    ['http://localhost:8080', 'localhost:8080', LOOPBACK, true],
    ['http://localhost:3000', 'localhost:8080', LOOPBACK, false],
    ['http://evil.example', 'localhost:8080', LOOPBACK, false],
    ['null', 'localhost:8080', LOOPBACK, false],
    ['', 'localhost:8080', LOOPBACK, false],
    ['https://sluice.example.com', 'sluice.example.com', PUBLIC, true],
    ['https://sluice.example.com', '127.0.0.1:8080', PUBLIC, true],
    ['https://evil.example', 'sluice.example.com', PUBLIC, false],
  ])('%s at %s with %j: ours is %s', (origin, host, addresses, ours) => {
    expect(isOurOrigin(origin, host, addresses)).toBe(ours)
  })
})

describe('the language of an answer', () => {
  it.each([
    ['zh', 'zh'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['en-US,en;q=0.9', 'en'],
    ['fr, zh;q=0.3, en;q=0.7', 'en'],
    ['fr', null],
    ['zh;q=0', null],
    ['', null],
    [undefined, null],
    [';;;,,,', null],
  ])('%s is %s', (header, language) => {
    expect(accepted(header)).toBe(language)
  })

  it('is a browser’s list only where nobody is known; a signed-in page chooses one', () => {
    expect(chosen('en-US,en;q=0.9', 'session')).toBeNull()
    expect(chosen('en', 'session')).toBe('en')
    expect(chosen('en-US,en;q=0.9', 'token')).toBe('en')
  })
})
