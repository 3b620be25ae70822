import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**'],
    globalSetup: 'test/helpers/global-setup.ts',
    // Real tools and services are started: one file at a time, so that no test starves another of the two cores it may have.
    fileParallelism: false,
    // Modules are loaded by Node itself, as they are in use, and not by Vite's transformation.
    experimental: { viteModuleRunner: false },
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
