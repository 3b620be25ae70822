import { expect, test } from 'vitest';
import { parseK6LogLine } from '../../lib/drive/k6-log.ts';

test.each([
  [
    'the start of the load',
    '{"level":"info","msg":"{\\"cutoverLoadStarted\\":1795500667689}","source":"console"}',
    { level: 'info', message: '{"cutoverLoadStarted":1795500667689}', loadStartedEpochMs: 1_795_500_667_689 },
  ],
  [
    'the same text from elsewhere than the console',
    '{"level":"info","msg":"{\\"cutoverLoadStarted\\":1}","source":"stacktrace"}',
    { level: 'info', message: '{"cutoverLoadStarted":1}', loadStartedEpochMs: undefined },
  ],
  [
    'an error',
    '{"level":"error","msg":"Error: boo\\n"}',
    { level: 'error', message: 'Error: boo', loadStartedEpochMs: undefined },
  ],
  ['no JSON', 'panic: oh no', { level: 'error', message: 'panic: oh no', loadStartedEpochMs: undefined }],
  ['broken JSON', '{"level":', { level: 'error', message: '{"level":', loadStartedEpochMs: undefined }],
])('%s', (_, line, expected) => {
  expect(parseK6LogLine(line)).toEqual(expected);
});
