import { conversationJourney } from './every-chat.ts'

conversationJourney('slack')
