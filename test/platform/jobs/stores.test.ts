import { storesContract } from '../../contracts/stores.ts'
import { freshDatabase } from '../../support/database.ts'

storesContract('embedded', freshDatabase)
