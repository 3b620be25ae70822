import { setTimeout as delay } from 'node:timers/promises';
import { findPlaceholders } from '../../provision/placeholders.ts';
import type { Plan } from '../../plan/plan.ts';
import { type Collector, type Export, startCollector } from './collector.ts';
import { BadExport } from './export.ts';
import { type Forwarder, startForwarder } from './forward.ts';
import type { GateState } from './gate.ts';
import type { TracesObservation } from './observation.ts';
import { observeTraces } from './observe-traces.ts';
import { decodeOtlpJson } from './otlp-json.ts';
import { otlpProtobufDecoder } from './otlp-protobuf.ts';
import { type SendProbes, type SentProbes, sendProbes } from './send-probes.ts';
import { spanStore } from './span-store.ts';

/** Spans are all there when none has come for so long. */
const QUIET_MS = 1_500;
const POLL_MS = 100;

/** What a drill may do to the collector, and see of it. */
export interface CollectorSwitch {
  /** EnvironmentError('port-lost'). */
  set(state: GateState): Promise<void>;
  /** Since the run's start: spans by service, and connections that were taken while it hung. */
  readonly counts: () => { readonly spans: Readonly<Record<string, number>>; readonly held: number };
}

/** The collector that services export to, and what comes of it. Disposing of it closes its ports. */
export interface TraceWatch extends AsyncDisposable {
  /** Values of placeholders: `otlp.http` and `otlp.grpc`, "127.0.0.1:NNNN". */
  readonly placeholders: ReadonlyMap<string, string>;
  readonly collector: CollectorSwitch;
  /** Sends the plan's own requests in the steady phase, while other things go on. */
  probe(options: Omit<SendProbes, 'traces' | 'phase'>): void;
  /** After the load: waits for late spans, and reads what else was told. Undefined where the plan does not ask for traces. */
  finish(options: {
    readonly folder: string;
    readonly startEpochMs: number;
    readonly signal: AbortSignal;
  }): Promise<TracesObservation | undefined>;
}

/** Whether anything of the plan exports, or is asked about traces. */
export function needsCollector({ system, load, traces, drills }: Plan): boolean {
  if (traces !== undefined || drills.some(({ kind }) => kind === 'collector')) return true;
  return findPlaceholders(JSON.stringify([system, load.env, load.phases])).some((name) => name.startsWith('otlp.'));
}

/** Starts the collector. Where nobody asks about traces, what comes is thrown away. EnvironmentError('port-in-use'). */
export async function watchTraces(plan: Plan): Promise<TraceWatch> {
  const { traces } = plan;
  const keep = traces !== undefined || plan.drills.some(({ kind }) => kind === 'collector');
  const store = spanStore();
  const decodeProtobuf = otlpProtobufDecoder();
  let unreadable = 0;
  let lastMs = performance.now();
  let probing: Promise<SentProbes> | undefined;
  await using stack = new AsyncDisposableStack();
  const forwarder: Forwarder | undefined =
    traces?.forwardTo === undefined ? undefined : stack.use(startForwarder(traces.forwardTo));

  function take(exported: Export): void {
    forwarder?.forward(exported);
    if (!keep) return;
    lastMs = performance.now();
    try {
      store.add(exported.encoding === 'json' ? decodeOtlpJson(exported.body) : decodeProtobuf(exported.body));
    } catch (error) {
      if (error instanceof BadExport) unreadable += 1;
      throw error;
    }
  }

  const collector: Collector = stack.use(await startCollector(take, traces?.listen));
  const started = stack.move();

  /** True: no more came. */
  async function settle(withinMs: number, signal: AbortSignal): Promise<boolean> {
    const endMs = performance.now() + withinMs;
    lastMs = performance.now();
    while (performance.now() - lastMs < QUIET_MS) {
      if (performance.now() >= endMs || signal.aborted) return false;
      await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
    return true;
  }

  return {
    placeholders: new Map([
      ['otlp.http', collector.http],
      ['otlp.grpc', collector.grpc],
    ]),
    collector: {
      set: (state) => collector.set(state),
      counts: () => ({ spans: store.received().byService, held: collector.held() }),
    },
    probe(options) {
      const phases = plan.load.phases.filter(({ name, block }) => (block?.of ?? name) === plan.load.steady);
      const [first, last] = [phases[0], phases.at(-1)];
      if (traces === undefined || first === undefined || last === undefined) return;
      probing = sendProbes({ ...options, traces, phase: { startMs: first.startMs, endMs: last.endMs } });
    },
    async finish({ signal, ...options }) {
      if (traces === undefined) return undefined;
      const sent = (await probing) ?? { contexts: [], failing: [] };
      const settled = await settle(traces.settle, signal);
      return await observeTraces({
        ...options,
        plan: { ...plan, traces },
        store,
        sent,
        unreadable,
        forwarded: forwarder?.counts(),
        settled,
      });
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
