import { texts } from '../state/reader.ts'
import type { ReleaseChange } from '../wire.ts'

/** What differs between two releases; settings under their own key. */
export function ChangeList({ changes }: { changes: readonly ReleaseChange[] }) {
  const t = texts.value.diff
  return (
    <table class="changes">
      <thead>
        <tr>
          <th scope="col">{t.field}</th>
          <th scope="col">{t.before}</th>
          <th scope="col">{t.after}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr key={`${change.field}-${change.key}`}>
            <th scope="row">{change.key ? <code>{change.key}</code> : t.fields[change.field]}</th>
            <td class="gone" data-head={t.before}>
              <Value text={change.before} />
            </td>
            <td class="come" data-head={t.after}>
              <Value text={change.after} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Value({ text }: { text: string | null }) {
  if (text === null) return <span class="faint">{texts.value.common.none}</span>
  return text.includes('\n') ? <pre>{text}</pre> : <span>{text}</span>
}
