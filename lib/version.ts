import packageJson from '../package.json' with { type: 'json' };

/** Version of the harness. */
export const VERSION: string = packageJson.version;
