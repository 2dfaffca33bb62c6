import { conversationJourney } from './every-chat.ts'

conversationJourney('web')
