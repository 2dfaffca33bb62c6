import { defineConfig } from 'vitest/config'

/**
 * Three projects. `unit` needs Node only and is what `npm test` runs; `real` talks to PostgreSQL, Flink and Chromium
 * as they are, `yarn` to HDFS and YARN. Time limits are generous because opening an embedded database takes seconds on a busy machine; no
 * test measures time.
 */
export default defineConfig({
  test: {
    // All cores: by default Vitest leaves one idle, which on a machine of two is half of it.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/real/**', 'node_modules/**'],
          // Modules are loaded and compiled once per worker instead of once per file: two fifths less time. No test
          // changes what a module holds, and the house mocks none.
          isolate: false,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'real',
          include: ['test/real/**/*.test.ts'],
          // They take ten minutes and need Maven: npm run test:yarn
          exclude: ['test/real/yarn/**', 'node_modules/**'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'yarn',
          include: ['test/real/yarn/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
