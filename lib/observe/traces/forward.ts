import { setTimeout as delay } from 'node:timers/promises';
import type { Export } from './collector.ts';
import type { TracesObservation } from './observation.ts';

/** Of what waits and what is on its way. */
const MOST_HELD_BYTES = 32 * 1024 * 1024;
const MOST_AT_ONCE = 8;
const ANSWER_MS = 5_000;
/** What is still on its way at the end is waited for so long. */
const FLUSH_MS = 3_000;

/** Passes bodies on to another collector over OTLP/HTTP. Never holds anything up: what it cannot pass on, it counts. */
export interface Forwarder extends AsyncDisposable {
  forward(exported: Export): void;
  readonly counts: () => NonNullable<TracesObservation['forwarded']>;
}

/** `url` is a base URL: bodies go to `/v1/traces` below it. */
export function startForwarder(url: string): Forwarder {
  const to = `${url.replace(/\/$/, '')}/v1/traces`;
  const stop = new AbortController();
  const waiting: Export[] = [];
  const sending = new Set<Promise<void>>();
  let [sent, failed, dropped, heldBytes] = [0, 0, 0, 0];

  async function send({ body, encoding }: Export): Promise<void> {
    try {
      const response = await fetch(to, {
        method: 'POST',
        headers: { 'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf' },
        body: body as NonNullable<RequestInit['body']>,
        signal: AbortSignal.any([stop.signal, AbortSignal.timeout(ANSWER_MS)]),
      });
      await response.arrayBuffer();
      if (response.ok) sent += 1;
      else failed += 1;
    } catch {
      failed += 1;
    }
  }

  function next(): void {
    while (sending.size < MOST_AT_ONCE) {
      const exported = waiting.shift();
      if (exported === undefined) return;
      const one = send(exported).then(() => {
        sending.delete(one);
        heldBytes -= exported.body.length;
        next();
      });
      sending.add(one);
    }
  }

  return {
    forward(exported) {
      if (heldBytes + exported.body.length > MOST_HELD_BYTES) return void (dropped += 1);
      heldBytes += exported.body.length;
      waiting.push(exported);
      next();
    },
    counts: () => ({ sent, failed, dropped: dropped + waiting.length }),
    async [Symbol.asyncDispose]() {
      const late = delay(FLUSH_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      const all = async (): Promise<void> => {
        while (sending.size > 0) await Promise.all(sending);
      };
      await Promise.race([all(), late]);
      stop.abort();
      dropped += waiting.splice(0).length;
      await Promise.all(sending);
    },
  };
}
