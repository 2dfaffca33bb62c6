import type { ComponentChildren } from 'preact'
import { Component } from 'preact'
import { texts } from '../state/reader.ts'
import { Trouble } from './basics.tsx'

/** A page that breaks says so, and leaves the others usable. A class: only those hear of errors below them. */
export class Guard extends Component<{ children: ComponentChildren }, { broken: boolean }> {
  override state = { broken: false }

  override componentDidCatch(error: unknown): void {
    console.error(error)
    this.setState({ broken: true })
  }

  override render() {
    if (!this.state.broken) return this.props.children
    return (
      <div class="page">
        <Trouble because={texts.value.broken} retry={() => location.reload()} />
      </div>
    )
  }
}
