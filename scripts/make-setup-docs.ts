// npx tsx scripts/make-setup-docs.ts: writes docs/setup from the guides of chats.
import { mkdirSync, writeFileSync } from 'node:fs'
import { setupDocuments } from '../src/chats/setup-document.ts'

mkdirSync('docs/setup', { recursive: true })
for (const [name, text] of setupDocuments()) writeFileSync(`docs/setup/${name}`, text)
