/** The key of the console line that tells the harness when the load started, in Unix milliseconds. */
export const LOAD_STARTED = 'cutoverLoadStarted';
