import type { Database } from '../storage/database.prisma.ts'
import { DEFAULT_ENVIRONMENTS } from './environments.ts'
import { BUILT_IN_ROLES } from './roles.ts'

/**
 * What Sluice cannot do without, at every start: built-in roles as this version means them (a newer one may give them
 * more), and the default environments where there are none of that name. What people changed stays.
 */
export async function seedAccess(database: Pick<Database, 'transaction'>): Promise<void> {
  await database.transaction(async (tx) => {
    for (const { name, title, permissions } of BUILT_IN_ROLES) {
      const fields = { titleZh: title.zh, titleEn: title.en, permissions: [...permissions], builtIn: true }
      await tx.role.upsert({ where: { name }, create: { name, ...fields }, update: fields })
    }
    await tx.environment.createMany({
      data: DEFAULT_ENVIRONMENTS.map(({ name, title, approvals, expiresMin }) => ({
        name,
        titleZh: title.zh,
        titleEn: title.en,
        approvals: [...approvals],
        expiresMin,
      })),
      skipDuplicates: true,
    })
  })
}
