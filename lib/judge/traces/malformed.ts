import type { Check } from '../../../reports/model/verdict.ts';
import type { ContextProbe } from '../../observe/traces/observation.ts';
import { type Finding, figures, inconclusive } from '../finding.ts';
import { safely } from '../safely.ts';
import { count } from '../words.ts';
import type { TracesSubject } from './subject.ts';

/** So many with a valid traceparent, and so many without any, must show what is usual. */
const LEAST_COMPARED = 2;

/** TRC-1: a malformed traceparent starts a new trace, and is no reason to refuse a request. */
export function judgeMalformed({ traces, seen }: TracesSubject): readonly Check[] {
  if (traces.malformed.length === 0) return [];
  return [
    safely(
      {
        id: 'traces:malformed',
        title: 'a malformed traceparent starts a new trace',
        kind: 'traces',
        catalogue: 'TRC-1',
        limit: 'answered as any other, no id taken over, a trace of its own',
      },
      () => finding(traces.malformed.length, seen.malformed),
    ),
  ];
}

/** What a form came to, over all its copies with one request. */
export interface FormResult {
  readonly request: number;
  readonly form: string;
  readonly probes: readonly ContextProbe[];
  readonly answers: readonly string[];
  readonly taken: readonly string[];
  readonly traced: number;
}

export function formResults(probes: readonly ContextProbe[]): readonly FormResult[] {
  return [...Map.groupBy(probes, ({ request, form }) => `${request}\n${form}`).values()].flatMap((of) => {
    const [first] = of;
    if (first === undefined) return [];
    return {
      request: first.request,
      form: first.form,
      probes: of,
      answers: [...new Set(of.map(({ status }) => status))],
      taken: [...new Set(of.flatMap(({ taken }) => taken))],
      traced: of.filter(({ traced }) => traced).length,
    };
  });
}

function finding(requests: number, probes: readonly ContextProbe[]): Finding {
  const results = formResults(probes);
  const malformed = results.filter(({ form }) => form !== 'valid' && form !== 'none');
  const sent = malformed.flatMap((result) => result.probes);
  const problems: string[] = [];
  const doubts: string[] = [];
  for (let request = 0; request < requests; request += 1) {
    const of = (form: string) => results.find((result) => result.request === request && result.form === form);
    const [valid, none] = [of('valid'), of('none')];
    const own = malformed.filter((result) => result.request === request);
    const which = requests === 1 ? '' : `request ${request + 1}: `;
    if (own.length === 0 || (valid?.probes.length ?? 0) < LEAST_COMPARED) {
      doubts.push(`${which}too few were sent`);
      continue;
    }
    if (valid?.probes.every(({ ok }) => ok) !== true) {
      doubts.push(`${which}with a valid traceparent it is answered ${valid?.answers.join(', ')}`);
      continue;
    }
    // Where nobody samples requests that come without a trace, that there is none says nothing.
    const usual = none !== undefined && none.probes.length >= LEAST_COMPARED && none.traced === none.probes.length;
    if (!usual)
      doubts.push(
        `${which}requests without any traceparent were traced in ${none?.traced ?? 0} of ${none?.probes.length ?? 0} cases`,
      );
    for (const result of own) {
      if (result.taken.length > 0)
        problems.push(`${which}"${result.form}" was taken over by ${result.taken.join(', ')}`);
      if (result.probes.some(({ ok }) => !ok))
        problems.push(`${which}"${result.form}" was answered ${result.answers.join(', ')}`);
      if (usual && result.traced === 0) problems.push(`${which}"${result.form}" started no trace`);
    }
  }
  const result = {
    measured: `${count(sent.length, 'request')}, ${sent.filter(({ traced }) => traced).length} new traces`,
    events: sent.length,
    evidence: figures({
      sent: sent.length,
      traced: sent.filter(({ traced }) => traced).length,
      taken: sent.filter(({ taken }) => taken.length > 0).length,
      refused: sent.filter(({ ok }) => !ok).length,
    }),
  };
  if (problems.length > 0) return { outcome: 'fail', reason: problems.slice(0, 5).join('; '), ...result };
  if (doubts.length > 0) {
    return inconclusive(doubts.join('; '), {
      ...result,
      hint: 'give requests that succeed, a steady phase that is long enough for them, and a service that samples what comes without a trace',
    });
  }
  return {
    outcome: 'pass',
    reason: `all ${malformed.length} forms were answered, and started traces of their own`,
    ...result,
  };
}
