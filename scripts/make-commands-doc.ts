// npx tsx scripts/make-commands-doc.ts: writes docs/commands.md from the commands.
import { writeFileSync } from 'node:fs'
import { commandsDocument } from '../src/bot/commands/document.ts'
import { COMMANDS } from '../src/bot/commands/registry.ts'

writeFileSync('docs/commands.md', commandsDocument(COMMANDS))
