import { auditContract } from '../../contracts/audit.ts'
import { freshDatabase } from '../../support/database.ts'

auditContract('embedded', freshDatabase)
