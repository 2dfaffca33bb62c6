import { render } from 'preact'
import { App } from './app.tsx'
import { arrive } from './state/session.ts'

const place = document.getElementById('app')
if (place) render(<App />, place)
void arrive()
