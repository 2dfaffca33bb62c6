import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commandsDocument } from '../../../src/bot/commands/document.ts'
import { readArgs } from '../../../src/bot/commands/read-args.ts'
import { COMMANDS } from '../../../src/bot/commands/registry.ts'
import { namesOf, parse } from '../../../src/bot/grammar/parse.ts'
import { commandKey } from '../../../src/bot/grammar/spec.ts'

const HAN = /\p{Script=Han}/u

const examples = COMMANDS.flatMap((command) =>
  command.examples.map((example) => ({ key: commandKey(command), example })),
)

describe('every command', () => {
  it.each(examples)('reads its example $example', ({ key, example }) => {
    const parsed = parse(example, COMMANDS)
    expect(parsed).toMatchObject({ is: 'command' })
    if (parsed.is !== 'command') return
    expect(commandKey(parsed.command)).toBe(key)
    const read = readArgs(parsed.command.args, parsed.values)
    // Some examples show how to be asked for the rest.
    expect(read.is === 'bad' ? read : null).toBeNull()
  })

  it.each(
    COMMANDS.map((command) => ({ key: commandKey(command), command })),
  )('tells in two languages what $key does and takes', ({ command }) => {
    expect(command.summary.en).not.toMatch(HAN)
    expect(command.summary.zh).toMatch(HAN)
    expect(
      command.examples.some((example) => HAN.test(example) || command.zh.join() === command.name.join()),
    ).toBe(true)
    for (const { label, expects, choices } of Object.values(command.args)) {
      for (const text of [label, expects, ...choices.map((choice) => choice.label)]) {
        expect(text.en).not.toBe('')
        expect(text.zh).not.toBe('')
        expect(text.en).not.toMatch(HAN)
      }
    }
  })

  it('has names that no other command has', () => {
    const names = COMMANDS.flatMap((command) => [
      ...new Set(namesOf(command).map((path) => path.join(' ').toLowerCase())),
    ])
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  })

  it('gives each of its arguments words that none of its others has', () => {
    for (const { args } of COMMANDS) {
      const spoken = Object.entries(args).flatMap(([name, arg]) => [...new Set([name, ...arg.names])])
      expect(spoken.filter((name, i) => spoken.indexOf(name) !== i)).toEqual([])
    }
  })
})

describe('docs/commands.md', () => {
  it('is what the commands say (npx tsx scripts/make-commands-doc.ts writes it)', () => {
    expect(readFileSync('docs/commands.md', 'utf8')).toBe(commandsDocument(COMMANDS))
  })
})
