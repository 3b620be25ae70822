import { findPlaceholders, knownPlaceholders } from '../provision/placeholders.ts';
import type { Report } from './check-names.ts';
import { suggest } from './nearest.ts';
import type { Experiment } from './schema/experiment.ts';
import type { System } from './schema/system.ts';
import type { TracesPlan } from './schema/traces.ts';

/** Placeholders of requests that the harness sends, beside those of the system. */
const REQUEST_PLACEHOLDERS = ['key'];
/** Of fewer sampled requests a collector's harm would not show in a p99. */
const LEAST_SAMPLED = 0.05;

/**
 * Names that `traces` and drills on the collector refer to. `system` has the experiment's own settings of services in it;
 * `phases` are the load's.
 */
export function checkTraces(
  { traces, drills }: Pick<Experiment, 'traces' | 'drills'>,
  system: System,
  phases: readonly string[],
  report: Report,
): void {
  const drill = drills.findIndex(({ kind }) => kind === 'collector');
  if (traces !== undefined) {
    checkExporters('traces', system, report);
    checkExpected(traces, phases, report);
    checkLogs(traces, system, report);
    checkRequests('traces.malformed', traces.malformed, system, report);
    checkRequests('traces.logs.failing', traces.logs?.failing ?? [], system, report);
  }
  if (drill < 0) return;
  if (traces === undefined) checkExporters(`drills[${drill}]`, system, report);
  else if (traces.sample < LEAST_SAMPLED) {
    const hint = 'at least "5%": what exporting costs shows only in requests that are sampled';
    report('traces.sample', traces.sample, 'is too little for the drill on the collector', hint);
  }
}

/** Where all services are started here, one of them has to be told where to export to. */
function checkExporters(path: string, { services }: System, report: Report): void {
  const names = findPlaceholders(JSON.stringify(services));
  if (names.some((name) => name.startsWith('otlp.'))) return;
  if (Object.values(services).some((service) => 'url' in service)) return;
  const hint = 'name it in their settings, for example OTEL_EXPORTER_OTLP_ENDPOINT=http://{{otlp.http}}';
  report(path, undefined, 'no service exports to {{otlp.http}} or {{otlp.grpc}}', hint);
}

function checkExpected({ expect }: TracesPlan, known: readonly string[], report: Report): void {
  for (const [index, { phases = [] }] of expect.entries()) {
    for (const [at, phase] of phases.entries()) {
      if (!known.includes(phase)) {
        report(`traces.expect[${index}].phases[${at}]`, phase, 'unknown phase', suggest(phase, known));
      }
    }
  }
}

/** Only what the harness starts has its log in the run folder. */
function checkLogs({ logs }: TracesPlan, { services }: System, report: Report): void {
  const known = Object.entries(services).flatMap(([name, service]) => ('url' in service ? [] : [name]));
  for (const [index, name] of (logs?.services ?? []).entries()) {
    if (known.includes(name)) continue;
    report(`traces.logs.services[${index}]`, name, 'is no service that the harness starts', suggest(name, known));
  }
}

function checkRequests(path: string, requests: TracesPlan['malformed'], system: System, report: Report): void {
  const known = [...knownPlaceholders(system), ...REQUEST_PLACEHOLDERS];
  for (const [index, request] of requests.entries()) {
    for (const placeholder of findPlaceholders(JSON.stringify(request))) {
      if (known.includes(placeholder)) continue;
      report(`${path}[${index}]`, undefined, `unknown placeholder {{${placeholder}}}`, suggest(placeholder, known));
    }
  }
}
