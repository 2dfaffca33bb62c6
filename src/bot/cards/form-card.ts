import type { Command } from '../commands/command.ts'
import type { RawValues } from '../grammar/parse.ts'
import { commandKey } from '../grammar/spec.ts'
import type { Voice } from '../texts/voice.ts'
import { card, text } from './build.ts'
import type { Card, Field } from './card.ts'
import { typedName } from './help-card.ts'

export interface FormView {
  command: Command
  values: RawValues
  /** What there is to choose from, by argument; an argument that is not here is typed. */
  choices: Readonly<Record<string, readonly { value: string; label: string }[]>>
  /** Instead of "a few things are missing". */
  problem: string | null
}

/** Asks for what is missing; sending it says the whole command. */
export function formCard({ command, values, choices, problem }: FormView, voice: Voice): Card {
  const { t } = voice
  const asked = Object.entries(command.args).filter(([name, arg]) => isAsked(name, arg.place))
  const fields = asked.map(([name, arg]): Field => {
    const offered =
      choices[name] ?? arg.choices.map(({ value, label }) => ({ value, label: voice.pick(label) }))
    return {
      name,
      label: capital(voice.pick(arg.label)),
      input: inputOf(arg.kind, offered, voice.pick(arg.expects)),
      value: values[name] ?? '',
      required: arg.required,
    }
  })
  const shown = new Set(asked.map(([name]) => name))
  const given = Object.fromEntries(Object.entries(values).filter(([name]) => !shown.has(name)))
  const submit = {
    label: t.button.send,
    style: 'primary',
    press: { is: 'submits', command: commandKey(command), given },
  } as const
  return card('neutral', problem ?? t.say.missing(typedName(command, voice)), {
    body: [text(voice.pick(command.summary)), { is: 'form', name: commandKey(command), fields, submit }],
  })
}

function isAsked(name: string, place: string): boolean {
  return name !== 'cursor' && place !== 'flag' && place !== 'settings'
}

function inputOf(
  kind: string,
  choices: readonly { value: string; label: string }[],
  placeholder: string,
): Field['input'] {
  if (choices.length > 0) return { is: 'select', choices }
  if (kind === 'number') return { is: 'number', min: null, max: null }
  return { is: 'text', placeholder, multiline: kind === 'long-text' }
}

function capital(label: string): string {
  return label.charAt(0).toUpperCase() + label.slice(1)
}
