import { digestsContract } from '../../contracts/digests.ts'
import { freshDatabase } from '../../support/database.ts'

digestsContract('embedded', freshDatabase)
