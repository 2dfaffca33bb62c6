import type { Abilities } from '../../src/bot/cards/abilities.ts'
import { card, facts, says, text } from '../../src/bot/cards/build.ts'
import type { Card, ShownCard } from '../../src/bot/cards/card.ts'
import { degrade } from '../../src/bot/cards/degrade.ts'
import { incidentCard } from '../../src/bot/cards/incident-card.ts'
import { jobListCard } from '../../src/bot/cards/job-cards.ts'
import { operationCard } from '../../src/bot/cards/operation-card.ts'
import { shownCard } from '../../src/bot/cards/shown.ts'
import { createPressSigner } from '../../src/bot/press.ts'
import { en } from '../../src/bot/texts/en.ts'
import { zh } from '../../src/bot/texts/zh.ts'
import type { Language } from '../../src/platform/platform.ts'
import { aJob, anIncident, anOperation, aPlan, aVoice, NOW } from '../bot/cards/samples.ts'

export interface ShownSample {
  name: string
  shown: ShownCard
}

/** A picture of one pixel. */
export const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** Cards of every kind, as a chat of these abilities gets them: what golden files and adapter contracts show. */
export function shownSamples(abilities: Abilities): readonly ShownSample[] {
  return (['en', 'zh'] as const).flatMap((language) =>
    Object.entries(cards(language)).map(([name, drawn]) => ({
      name: language === 'en' ? name : `${name} (zh)`,
      shown: shownAs(drawn, { name, language, abilities }),
    })),
  )
}

export function shownSample(abilities: Abilities, name: string): ShownCard {
  const found = shownSamples(abilities).find((sample) => sample.name === name)
  if (!found) throw new Error(`No sample is called ${name}`)
  return found.shown
}

const SIGNER = createPressSigner('a key for tests')

function shownAs(
  drawn: Card,
  { name, language, abilities }: { name: string; language: Language; abilities: Abilities },
): ShownCard {
  return shownCard(
    {
      id: `card_${name.replaceAll(' ', '_')}_${language}`,
      chat: 'web:ops',
      version: 1,
      seq: '1',
      subject: null,
      subjectVersion: 0,
      language,
      zone: 'Asia/Shanghai',
      card: degrade(drawn, abilities, language === 'zh' ? zh : en),
      onlyFor: null,
      createdAt: NOW,
      updatedAt: NOW,
    },
    SIGNER,
  )
}

function cards(language: Language): Record<string, Card> {
  const voice = aVoice(language)
  const view = { job: aJob(), joined: false }
  const operation = (more: Parameters<typeof anOperation>[0]) =>
    operationCard({ ...view, operation: anOperation(more) }, voice)
  const logLines = Array.from(
    { length: 40 },
    (_, i) => `2026-03-02 14:01:${10 + i} WARN  o.a.f.Task <${i}> & "buffers" are *late* _again_ \`x\``,
  )
  return {
    plain: card('neutral', language === 'zh' ? '你是 林' : 'You are Lin', {
      subtitle: ['web:ops'],
      body: [
        text('a < b && c > d', '*not bold* _not italic_ ~x~ `code` [link](http://x)'),
        ...facts(['Team', 'data & ads'], ['Zone', 'Asia/Shanghai']),
      ],
    }),
    buttons: card('warning', language === 'zh' ? '我不认识 "restrat"' : 'I do not know "restrat"', {
      body: [text('Did you mean one of these?')],
      buttons: [
        says('Restart orders-cdc', '/job restart orders-cdc', { style: 'primary', changes: aJob() }),
        says('Stop orders-cdc', '/job stop orders-cdc', { style: 'danger', changes: aJob() }),
        says('Help', '/help'),
      ],
    }),
    progress: operation({
      progress: { phase: 'stopping', since: NOW - 12_000, tasks: null },
      startedAt: NOW - 12_000,
    }),
    done: operation({
      state: 'done',
      outcome: {
        is: 'running',
        release: 12,
        attempt: 4,
        tookMs: 41_000,
        restoredFrom: 'file:/savepoints/sp-1',
        tasks: { running: 8, total: 8 },
        parallelism: 4,
      } as never,
      endedAt: NOW + 41_000,
      version: 9,
    }),
    approval: operation({
      state: 'waiting-approval',
      plan: aPlan({ warnings: [] }),
      approval: {
        state: 'waiting',
        expiresAt: NOW + 900_000,
        decidedBy: null,
        decidedAt: null,
        note: null,
      } as never,
    }),
    incident: incidentCard(
      anIncident({
        cause: {
          exception: 'java.lang.OutOfMemoryError',
          message: 'Java heap space',
          stack: 'java.lang.OutOfMemoryError: Java heap space\n\tat orders.Snapshot.read(Snapshot.java:41)',
        } as never,
      }),
      aJob({ state: { is: 'failed', attempt: 3, cause: null } as never }),
      voice,
    ),
    list: jobListCard(
      {
        jobs: Array.from({ length: 12 }, (_, i) => aJob({ id: `job_${i}`, name: `orders-${i}` })),
        counts: { running: 12 },
        more: '/job list cursor=abc',
        filtered: false,
      },
      voice,
    ),
    logs: card('neutral', language === 'zh' ? 'orders-cdc 的日志' : 'Logs of orders-cdc', {
      body: [{ is: 'code', text: logLines.join('\n'), rest: 960 }],
      buttons: [says('Older', '/job logs orders-cdc page=2')],
    }),
    form: card('neutral', language === 'zh' ? '还缺几项' : 'A few things are missing', {
      body: [
        {
          is: 'form',
          name: 'job stop',
          fields: [
            {
              name: 'job',
              label: 'Job',
              input: { is: 'text', placeholder: 'orders-cdc', multiline: false },
              value: '',
              required: true,
            },
            {
              name: 'how',
              label: 'How',
              input: {
                is: 'select',
                choices: [
                  { value: 'savepoint', label: 'with a savepoint' },
                  { value: 'plain', label: 'plain' },
                ],
              },
              value: 'savepoint',
              required: false,
            },
          ],
          submit: {
            label: 'Send',
            style: 'primary',
            press: { is: 'submits', command: 'job stop', given: {} },
          },
        },
      ],
    }),
    picture: card('good', language === 'zh' ? '团队 data 的一天' : 'The day of team data', {
      body: [{ is: 'picture', alt: 'restarts per hour', png: PIXEL }],
    }),
  }
}
