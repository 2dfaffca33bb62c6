import { accessContract } from '../../contracts/access.ts'
import { freshDatabase } from '../../support/database.ts'

accessContract('embedded', freshDatabase)
