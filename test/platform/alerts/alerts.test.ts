import { alertsContract } from '../../contracts/alerts.ts'
import { freshDatabase } from '../../support/database.ts'

alertsContract('embedded', freshDatabase)
