// npx tsx scripts/make-dingtalk-card.ts: writes deploy/dingtalk/sluice-card.json, the template that DingTalk imports.
import { writeFileSync } from 'node:fs'
import { dingtalkCard } from './dingtalk-card.ts'

writeFileSync('deploy/dingtalk/sluice-card.json', `${JSON.stringify(dingtalkCard(), null, 2)}\n`)
