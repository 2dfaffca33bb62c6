import { defineConfig } from 'prisma/config'

// The URL is only a placeholder for `generate`; at run time the adapter is handed a pool.
export default defineConfig({ schema: 'prisma/schema.prisma', datasource: { url: 'postgresql://unused' } })
