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
  /** Resolved when nothing is on its way. */
  let idle = Promise.withResolvers<void>();
  idle.resolve();
  let senders = 0;
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

  /** Sends what waits, one after the other. */
  async function drain(): Promise<void> {
    for (let exported = waiting.shift(); exported !== undefined; exported = waiting.shift()) {
      await send(exported);
      heldBytes -= exported.body.length;
    }
  }

  async function startSender(): Promise<void> {
    if (senders >= MOST_AT_ONCE) return;
    senders += 1;
    await drain();
    senders -= 1;
    if (senders === 0) idle.resolve();
  }

  return {
    forward(exported) {
      if (heldBytes + exported.body.length > MOST_HELD_BYTES) {
        dropped += 1;
        return;
      }
      heldBytes += exported.body.length;
      waiting.push(exported);
      if (senders === 0) idle = Promise.withResolvers();
      void startSender();
    },
    counts: () => ({ sent, failed, dropped: dropped + waiting.length }),
    async [Symbol.asyncDispose]() {
      await Promise.race([idle.promise, delay(FLUSH_MS, undefined, { ref: false })]);
      dropped += waiting.splice(0).length;
      stop.abort();
      await idle.promise;
    },
  };
}
