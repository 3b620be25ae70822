import { describe, expect, test } from 'vitest';
import { reachableFrom, requireAllowedHost } from '../../lib/cli/allowed-host.ts';
import { FAULT_FLAGS } from '../../lib/cli/fault-flags.ts';
import { faultInput } from '../../lib/cli/fault-input.ts';
import { faultSchema } from '../../lib/plan/schema/faults.ts';

describe('a fault of the command line', () => {
  test.each([
    ['latency', { ms: '300', jitter: '20' }, { latency: 300, jitter: 20, direction: 'replies', connections: 1 }],
    ['latency', { latency: '100ms..1s', direction: 'requests' }, { latency: { from: 100, to: 1_000 } }],
    ['bandwidth', { rate: '100kB', connections: '50%' }, { rate: 100_000, connections: 0.5 }],
    ['timeout', { closeAfter: '1s' }, { closeAfter: 1_000 }],
    ['flapping', { down: '1s', up: '2s' }, { down: 1_000, up: 2_000 }],
    ['request-delay', { ms: '5', share: '10%' }, { delay: 5, share: 0.1 }],
    ['request-fail', { with: '503', first: '4' }, { with: 503, first: 4 }],
    ['request-fail', { with: 'UNAVAILABLE', pattern: '4/20' }, { with: 'UNAVAILABLE', pattern: { count: 4, of: 20 } }],
    ['request-cut', { operations: 'POST /a, GET /b/*' }, { operations: ['POST /a', 'GET /b/*'] }],
  ])('%s %j', (kind, flags, expected) => {
    const input = faultInput(kind, 'orders-pricing', { ...flags, for: '1m30s', allowHost: [], on: 'orders-pricing' });
    expect(input).toMatchObject({ kind, edge: 'orders-pricing', for: 90_000, ...expected });
  });

  test('on a service', () => {
    expect(faultInput('pause', 'engine', { for: '1h' })).toEqual({ kind: 'pause', service: 'engine', for: 3_600_000 });
    expect(faultInput('cpu-pressure', 'engine', { for: '1s', cores: '1..0.2' })).toMatchObject({
      cores: { from: 1, to: 0.2 },
    });
  });

  test.each([
    ['latenzy', { for: '1s' }, /^cutover fault: <kind>: unknown kind \(is "latenzy"\)\n.*did you mean "latency"/],
    ['latency', { ms: '5' }, /--for: is missing\n.*for example --for 30s/],
    ['latency', { for: '1s' }, /--latency: is missing\n.*"300ms"/],
    ['latency', { ms: '5', for: '61m' }, /--for: must be at most 1h \(is "61m"\)/],
    ['latency', { ms: '5', for: '0s' }, /--for: must be longer than 0/],
    ['latency', { ms: '5', for: 'ever' }, /--for: must be a duration such as .*\(is "ever"\)/],
    ['latency', { latency: '5', for: '1s' }, /--latency: must be such as "300ms", or "100ms\.\.1s"/],
    ['latency', { latency: '5ms..x', for: '1s' }, /--latency\.to: must be a duration/],
    ['latency', { ms: '5', latency: '5ms', for: '1s' }, /--latency: says the same as --ms/],
    ['latency', { ms: '5', connections: '0%', for: '1s' }, /--connections: must be more than 0%/],
    ['down', { ms: '5', for: '1s' }, /--ms: says nothing of down \(is "5ms"\)\n.*it has no attributes/],
    ['timeout', { after: '5s', for: '1s' }, /--after: says nothing of timeout.*\n.*--close-after/],
    ['request-fail', { with: '503', pattern: '4-20', for: '1s' }, /--pattern: must be such as "4\/20"/],
    ['request-fail', { with: '503', first: 'x', for: '1s' }, /--first: must be a number/],
  ])('that is nonsense: %s %j', (kind, flags, message) => {
    expect(() => faultInput(kind, 'edge', flags)).toThrow(message);
  });

  test('on a hostile name', () => {
    expect(() => faultInput('down', 'a/b?c%20#d', { for: '1s' })).toThrow(/--on: must be lower-case/);
    expect(() => faultInput('down', undefined, { for: '1s' })).toThrow(/--on: is missing/);
  });

  test('can say everything that an experiment can', () => {
    const flags = FAULT_FLAGS.map(([flag]) => flag.replace(/^--/, '').replace(/ .*/, ''));
    const elsewhere = ['kind', 'name', 'edge', 'service', 'during', 'at', 'for', 'repeat'];
    const attributes = faultSchema.options
      .flatMap(({ shape }) => Object.keys(shape))
      .filter((name) => !elsewhere.includes(name))
      .map((name) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
    expect(flags.toSorted()).toEqual([...new Set([...attributes, 'ms'])].toSorted());
  });
});

describe('the API of a Toxiproxy', () => {
  test.each([
    ['http://127.0.0.1:8474/', 'http://127.0.0.1:8474'],
    ['http://localhost:8474', 'http://localhost:8474'],
    ['http://[::1]:8474/toxi/', 'http://[::1]:8474/toxi'],
    ['http://127.1:8474', 'http://127.0.0.1:8474'],
    ['http://toxi.test:8474', 'http://toxi.test:8474'],
  ])('%s may be called', (api, url) => {
    expect(requireAllowedHost(api, ['toxi.test'])).toBe(url);
  });

  test.each([
    ['http://10.0.0.1:8474', '10.0.0.1 is not this machine'],
    ['http://127.0.0.1.evil.test', '127.0.0.1.evil.test is not this machine'],
    ['http://localhost.evil.test', 'localhost.evil.test is not this machine'],
    ['http://sub.toxi.test', 'sub.toxi.test is not this machine'],
    ['http://127.0.0.1@evil.test', 'must be a URL'],
    ['file:///etc/passwd', 'must be a URL'],
    ['127.0.0.1:8474', 'must be a URL'],
    ['', 'must be a URL'],
  ])('%s may not', (api, message) => {
    expect(() => requireAllowedHost(api, ['toxi.test'])).toThrow(message);
  });

  test.each([
    ['[::]:26379', 'http://toxi.test:8474', 'toxi.test:26379'],
    ['0.0.0.0:26379', 'http://127.0.0.1:8474', '127.0.0.1:26379'],
    [':26379', 'http://[::1]:8474', '[::1]:26379'],
    ['10.0.0.7:26379', 'http://toxi.test:8474', '10.0.0.7:26379'],
  ])('says that a proxy listens at %s', (listen, api, seen) => {
    expect(reachableFrom(listen, api)).toBe(seen);
  });
});
