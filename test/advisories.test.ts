import { describe, expect, it } from 'vitest'
import { judgeAudit } from '../scripts/advisories.ts'

const report = (severity: string) => ({
  auditReportVersion: 2,
  vulnerabilities: {
    tar: {
      severity,
      via: [
        {
          title: 'writes outside of the directory',
          url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
          severity,
          range: '<7.5.4',
        },
      ],
    },
    'uses-tar': { severity, via: ['tar'] },
  },
})

describe('an audit of what runs', () => {
  it.each(['high', 'critical'])('fails on a %s advisory that nobody explained', (severity) => {
    expect(judgeAudit(report(severity), 'none')).toEqual({
      is: 'unexplained',
      advisories: [`GHSA-aaaa-bbbb-cccc (${severity}) tar <7.5.4: writes outside of the directory`],
    })
  })

  it('passes on one with a written reason', () => {
    expect(judgeAudit(report('high'), '- GHSA-aaaa-bbbb-cccc: we never …')).toEqual({
      is: 'fine',
      known: ['GHSA-aaaa-bbbb-cccc'],
    })
  })

  it.each(['low', 'moderate'])('passes on a %s one', (severity) => {
    expect(judgeAudit(report(severity), '')).toEqual({ is: 'fine', known: [] })
  })

  it('says so when the registry answers no audits', () => {
    const answer = { message: '405 Method Not Allowed', statusCode: 405, error: { summary: '' } }

    expect(judgeAudit(answer, '')).toEqual({ is: 'not-offered', because: 'HTTP 405' })
  })

  it('takes no other error for an answer', () => {
    expect(() => judgeAudit({ message: 'getaddrinfo ENOTFOUND', error: {} }, '')).toThrow()
    expect(() => judgeAudit({ message: '503', statusCode: 503 }, '')).toThrow()
  })
})
