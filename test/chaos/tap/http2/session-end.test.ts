import { once } from 'node:events';
import { type ServerHttp2Stream, connect, constants } from 'node:http2';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../../chaos/drivers/free-port.ts';
import { PREFACE } from '../../../../chaos/tap/http2/frames.ts';
import { until } from '../../../helpers/until.ts';
import { EDGE, rawCaller, testTap } from '../tap-fixture.ts';
import { type TappedSession, closed, tappedSession } from './session-fixture.ts';

let on: TappedSession;
beforeEach(async () => {
  on = await tappedSession();
});
afterEach(() => on[Symbol.asyncDispose]());

describe('the end of a connection', () => {
  test('GOAWAY is passed on, with the callee’s code and data; streams in flight complete', async () => {
    let open: ServerHttp2Stream | undefined;
    on.serve = (stream) => (open = stream);
    const stream = on.post();
    stream.end();
    await until('it arrives', () => open !== undefined);
    const goAway = once(on.caller, 'goaway');
    on.sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR, 1, Buffer.from('soon'));
    expect(await goAway).toEqual([0, 1, Buffer.from('soon')]);
    open?.respond({ ':status': 200 });
    open?.end('still here');
    expect(await text(stream)).toBe('still here');
    expect(await on.tap.attempts()).toMatchObject([{ outcome: 'answered' }]);
  });

  test('a request that is held up when the callee goes away is refused, so that it can be sent elsewhere', async () => {
    await on.tap.rule({ action: { type: 'delay', delayMs: 60_000, jitterMs: 0 }, first: 1 });
    const held = on.post();
    await until('it is held up', async () => (await on.tap.tap.inFlight(EDGE)) === 1);
    const passed = on.post();
    expect(await text(passed)).toBe('hello');
    const refused = closed(held);
    on.sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR, 1);
    expect(await refused).toBe(constants.NGHTTP2_REFUSED_STREAM);
    expect(await on.tap.attempts()).toMatchObject([{ outcome: 'answered' }, { outcome: 'broken', rule: 'rule' }]);
  });

  test('a callee that is lost takes its caller’s connection with it', async () => {
    on.serve = () => {};
    const stream = on.post();
    await until('it is in flight', async () => (await on.tap.tap.inFlight(EDGE)) === 1);
    const lost = closed(stream);
    on.sessions[0]?.destroy();
    await lost;
    await until('the session is closed', () => on.caller.destroyed);
    expect(await on.tap.attempts()).toMatchObject([{ outcome: 'broken' }]);
  });

  test('a caller that is lost takes its callee’s connection with it', async () => {
    let open: ServerHttp2Stream | undefined;
    on.serve = (stream) => (open = stream);
    on.post();
    await until('it arrives', () => open !== undefined);
    on.caller.destroy();
    await until('the callee knows', () => open?.closed === true && on.sessions[0]?.destroyed === true);
    expect(await on.tap.attempts()).toMatchObject([{ outcome: 'canceled' }]);
  });

  test('a callee that cannot be reached looks like one', async () => {
    await using lonely = await testTap('grpc', `127.0.0.1:${await freePort()}`);
    using raw = rawCaller(lonely.port);
    raw.socket.write(PREFACE);
    expect(await raw.ended).toBe('ECONNRESET');
    expect(raw.received()).toBe('');
    const session = connect(`http://${lonely.address}`).on('error', () => {});
    const stream = session.request({ ':path': '/a.B/C' }).on('error', () => {});
    await closed(stream);
    session.destroy();
    expect(await lonely.attempts()).toMatchObject([{ operation: '/a.B/C', outcome: 'broken' }]);
  });
});
