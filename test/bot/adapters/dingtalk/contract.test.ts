import { DINGTALK_ABILITIES } from '../../../../src/bot/adapters/dingtalk/abilities.ts'
import { chatAdapterContract } from '../../../contracts/chat-adapter.ts'
import { underTest } from './open.ts'

const traits = {
  abilities: DINGTALK_ABILITIES,
  repeats: 'safe',
  hears: true,
  secrets: ['fake-client-secret', 'fake-access-token', 'fake-session-secret', 'ticket+'],
} as const

chatAdapterContract('dingtalk', () => underTest(false), traits)
chatAdapterContract('dingtalk over http', () => underTest(true), traits)
