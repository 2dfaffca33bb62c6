import { databaseContract } from '../../contracts/database.ts'
import { freshDatabase } from '../../support/database.ts'

databaseContract('embedded', freshDatabase)
