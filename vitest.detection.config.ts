import { defineConfig } from 'vitest/config';

/** The reference system as a whole, healthy and with each defect: minutes, so not part of `npm test`. */
export default defineConfig({
  test: {
    include: ['test/detection/**/*.detection.ts'],
    globalSetup: 'test/helpers/global-setup.ts',
    fileParallelism: false,
    experimental: { viteModuleRunner: false },
    testTimeout: 900_000,
  },
});
