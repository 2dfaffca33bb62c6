/** Where words are typed: completion while typing, former words by the arrow keys. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { get } from '../api.ts'
import type { Completion, CompletionEvent } from '../rules/completion.ts'
import { isOpen, next, noCompletion, taken } from '../rules/completion.ts'
import { noRecall, recall } from '../rules/recall.ts'
import { query } from '../rules/routes.ts'
import { ownWords } from '../rules/thread.ts'
import { chat, say, thread } from '../state/chat.ts'
import { texts } from '../state/reader.ts'
import type { CompletionAnswer } from '../wire.ts'
import { Icon } from './icon.tsx'

/** Long enough not to ask for every letter of a fast typist, short enough not to be felt. */
const PAUSE_MS = 60

export function Composer() {
  const t = texts.value.chat
  const box = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState('')
  const [recalled, setRecalled] = useState(noRecall)
  const completion = useCompletion()
  const open = isOpen(completion.state)

  useEffect(() => growToText(box.current), [text])

  const write = (value: string, caret: number) => {
    setText(value)
    const field = box.current
    if (!field) return
    field.value = value
    field.setSelectionRange(caret, caret)
  }
  const typed = (value: string) => {
    setText(value)
    setRecalled(noRecall)
    completion.ask(value, box.current?.selectionStart ?? value.length)
  }
  const take = (index: number) => {
    const result = taken(completion.state, text, index)
    if (!result) return
    write(result.text, result.caret)
    box.current?.focus()
    completion.ask(result.text, result.caret)
  }
  const send = () => {
    const words = text.trim()
    if (!words || !chat.value) return
    write('', 0)
    setRecalled(noRecall)
    completion.tell({ is: 'closed' })
    void say(words)
  }
  const bringBack = (by: 1 | -1): boolean => {
    const result = recall(recalled, ownWords(thread.value), { by, text })
    if (!result) return false
    setRecalled(result.state)
    write(result.text, result.text.length)
    return true
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, its keys are its own: Enter takes a Chinese word, it does not send.
    if (event.isComposing || event.keyCode === 229) return
    if (acted(event)) event.preventDefault()
  }
  const acted = (event: KeyboardEvent): boolean => {
    switch (event.key) {
      case 'Enter':
        if (event.shiftKey) return false
        if (open && completion.state.active >= 0) take(completion.state.active)
        else send()
        return true
      case 'Tab':
        if (!open || event.shiftKey) return false
        take(completion.state.active)
        return true
      case 'Escape':
        if (open) completion.tell({ is: 'closed' })
        return open
      case 'ArrowDown':
      case 'ArrowUp':
        return arrow(event.key === 'ArrowUp' ? 1 : -1)
      default:
        return false
    }
  }
  const arrow = (back: 1 | -1): boolean => {
    if (open) {
      completion.tell({ is: 'moved', by: back === 1 ? -1 : 1 })
      return true
    }
    return (!text.includes('\n') && (back === 1 || recalled.back > 0) && bringBack(back)) || false
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      {open && <Suggestions state={completion.state} onTake={take} />}
      <div class="composer-box">
        <label for="words" class="sr-only">
          {t.say}
        </label>
        <textarea
          id="words"
          ref={box}
          rows={1}
          value={text}
          placeholder={t.placeholder}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="send"
          aria-autocomplete="list"
          aria-haspopup="listbox"
          {...(open ? { 'aria-controls': 'suggestions' } : {})}
          aria-describedby="composer-hint"
          {...(completion.state.active >= 0
            ? { 'aria-activedescendant': `suggestion-${completion.state.active}` }
            : {})}
          onInput={(event) => typed(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onBlur={() => completion.tell({ is: 'closed' })}
        />
        <button
          type="submit"
          class="button primary icon-only send"
          aria-label={t.send}
          disabled={text.trim() === ''}
        >
          <Icon name="send" />
        </button>
      </div>
      <p class="composer-hint" id="composer-hint">
        {t.hint}
      </p>
      <p class="sr-only" role="status">
        {open ? t.suggestionCount(completion.state.answer?.items.length ?? 0) : ''}
      </p>
    </form>
  )
}

function Suggestions({ state, onTake }: { state: Completion; onTake: (index: number) => void }) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [state.active])
  return (
    <div
      id="suggestions"
      ref={list}
      class="suggestions"
      aria-busy={!state.fresh}
      role="listbox"
      aria-label={texts.value.chat.suggestions}
    >
      {state.answer?.items.map((item, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text; aria-activedescendant points here
        // biome-ignore lint/a11y/useKeyWithClickEvents: its keys are those of the text field
        <div
          key={item.insert}
          id={`suggestion-${index}`}
          role="option"
          aria-selected={index === state.active}
          class="suggestion"
          // Not click: the field would lose the focus first, and the list with it.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onTake(index)}
        >
          <span class="suggestion-label">{item.label}</span>
          {item.detail && <span class="suggestion-detail">{item.detail}</span>}
        </div>
      ))}
    </div>
  )
}

function useCompletion() {
  const [state, setState] = useState(noCompletion)
  const held = useRef(noCompletion)
  const timer = useRef<number | undefined>(undefined)
  useEffect(() => () => window.clearTimeout(timer.current), [])

  const tell = (event: CompletionEvent) => {
    held.current = next(held.current, event)
    setState(held.current)
  }
  const ask = (text: string, caret: number) => {
    window.clearTimeout(timer.current)
    if (text.trim() === '') return tell({ is: 'closed' })
    tell({ is: 'typed' })
    const { asked } = held.current
    timer.current = window.setTimeout(async () => {
      const path = `/complete${query({ text, at: String(caret), chat: chat.value?.name })}`
      // Without an answer there is simply no list: the words can be sent all the same.
      const answer = await get<CompletionAnswer>(path).catch(() => ({ from: 0, to: 0, items: [] }))
      tell({ is: 'answered', asked, text, answer })
    }, PAUSE_MS)
  }
  return { state, tell, ask }
}

/** As high as its words, up to what the style allows. */
function growToText(field: HTMLTextAreaElement | null): void {
  if (!field) return
  field.style.height = 'auto'
  field.style.height = `${field.scrollHeight}px`
}
