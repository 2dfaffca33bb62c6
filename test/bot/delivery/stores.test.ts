import { chatStoresOn } from '../../support/chat-stores.ts'
import { freshDatabase } from '../../support/database.ts'

chatStoresOn('the embedded database', freshDatabase)
