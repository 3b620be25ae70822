import type { Plan } from '../plan/plan.ts';

export interface K6CommandInput {
  readonly plan: Plan;
  /** Path of the k6 binary. */
  readonly k6: string;
  readonly runId: string;
  readonly receiver: { readonly url: string; readonly token: string };
  /** The plan's `load.env` with its placeholders resolved. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables of each phase by its name, resolved. */
  readonly phaseEnv?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** File that takes what the scenario writes to its console, when its writes or its traces are recorded. */
  readonly consoleFile?: string | undefined;
  /** What k6 inherits: PATH and the like, never the harness's own variables. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

export interface K6Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Labels of the metrics. Fewer labels are fewer series: cheaper to keep for k6, cheaper to send. */
const SYSTEM_TAGS = 'name,scenario,status,method,expected_response,error_code,group';

const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];

/**
 * k6's command line. The script comes by standard input, so that its relative paths (`open()`, .proto files) start at the
 * working directory, which is the scenario's folder, and not at the run folder's copy. Pure.
 */
export function k6Command(input: K6CommandInput): K6Command {
  const { plan, k6, runId, receiver, env, phaseEnv = {}, consoleFile, inherited } = input;
  const keep = INHERITED.flatMap((name) => {
    const value = inherited[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    command: k6,
    args: [
      'run',
      '--no-usage-report',
      '--no-color',
      '--quiet',
      '--log-format=json',
      // k6's own engine would keep every sample in memory; the verdict comes from what is pushed.
      '--no-thresholds',
      '--summary-mode=disabled',
      '--out=experimental-prometheus-rw',
      `--system-tags=${SYSTEM_TAGS}`,
      ...(consoleFile === undefined ? [] : [`--console-output=${consoleFile}`]),
      '-',
    ],
    // Through the environment and not by --env: the list of processes shows arguments, and there may be tokens in them.
    env: {
      ...Object.fromEntries(keep),
      SEED: String(plan.seed),
      RUN_ID: runId,
      ...(plan.load.recordWrites ? { RECORD_WRITES: 'on' } : {}),
      ...(plan.traces === undefined ? {} : { TRACE_SAMPLE: String(plan.traces.sample) }),
      ...env,
      ...(Object.keys(phaseEnv).length === 0 ? {} : { CUTOVER_PHASE_ENV: JSON.stringify(phaseEnv) }),
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
      K6_FEATURES: 'native-histograms',
      K6_PROMETHEUS_RW_SERVER_URL: receiver.url,
      K6_PROMETHEUS_RW_BEARER_TOKEN: receiver.token,
      K6_PROMETHEUS_RW_PUSH_INTERVAL: '1s',
      // k6 skips a series whose newest sample falls into the millisecond of the last push; with markers, the push at its
      // exit carries every histogram in full, so that no event is lost.
      K6_PROMETHEUS_RW_STALE_MARKERS: 'true',
    },
  };
}
