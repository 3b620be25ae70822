import { expect, test } from 'vitest';
import { k6Command } from '../../lib/drive/k6-command.ts';
import type { Plan } from '../../lib/plan/plan.ts';

const command = k6Command({
  plan: { seed: 7, load: { recordWrites: false } } as Plan,
  k6: '/opt/k6',
  runId: 'run-1',
  receiver: { url: 'http://127.0.0.1:9999/write', token: 's3cret' },
  env: { HTTP_URL: 'http://127.0.0.1:8080', API_TOKEN: 't0ken', SEED: '8' },
  inherited: { PATH: '/bin', HOME: '/home/me', K6_OUT: 'cloud', K6_CLOUD_TOKEN: 'mine', NODE_OPTIONS: '--inspect' },
});

test('the command line', () => {
  expect(command.command).toBe('/opt/k6');
  expect(command.args).toEqual([
    'run',
    '--no-usage-report',
    '--no-color',
    '--quiet',
    '--log-format=json',
    '--no-thresholds',
    '--summary-mode=disabled',
    '--out=experimental-prometheus-rw',
    '--system-tags=name,scenario,status,method,expected_response,error_code,group',
    '-',
  ]);
});

test('no secret stands in the arguments, which every user of the machine can read', () => {
  expect(command.args.join(' ')).not.toMatch(/s3cret|t0ken/);
});

test("k6 gets the experiment's environment and nothing of the user's own k6 settings", () => {
  expect(command.env).toEqual({
    PATH: '/bin',
    HOME: '/home/me',
    SEED: '8',
    RUN_ID: 'run-1',
    HTTP_URL: 'http://127.0.0.1:8080',
    API_TOKEN: 't0ken',
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    K6_FEATURES: 'native-histograms',
    K6_PROMETHEUS_RW_SERVER_URL: 'http://127.0.0.1:9999/write',
    K6_PROMETHEUS_RW_BEARER_TOKEN: 's3cret',
    K6_PROMETHEUS_RW_PUSH_INTERVAL: '1s',
    K6_PROMETHEUS_RW_STALE_MARKERS: 'true',
  });
});

test('a scenario is told what it is to tell, and where', () => {
  const { args, env } = k6Command({
    plan: { seed: 7, load: { recordWrites: true }, traces: { sample: 0.25 } } as Plan,
    k6: '/opt/k6',
    runId: 'run-1',
    receiver: { url: '', token: '' },
    env: {},
    consoleFile: '/run/writes.ndjson',
    inherited: {},
  });
  expect(args).toContain('--console-output=/run/writes.ndjson');
  expect(env).toMatchObject({ RECORD_WRITES: 'on', TRACE_SAMPLE: '0.25' });
});
