import type { Check, Detail } from '../../../reports/model/verdict.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import {
  type ComparedField,
  type ComparedRequest,
  PARITY_CONFIDENCE,
  fewestSamples,
  samplesOf,
} from '../../../chaos/drills/parity.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { lowerDifference, upperDifference } from '../statistics/proportions.ts';
import { count, percent } from '../words.ts';
import { type ReleaseDrill, type ReleasePicture, releaseCheck, seenBy } from './release.ts';

type ParityDrill = ReleaseDrill<Drill<'parity'>>;
type Request = Drill<'parity'>['requests'][number];

/** Of all fields of a request together: one of them is called different by accident so seldom. */
const FALSE_ALARM = 0.001;
/** What the baseline does otherwise than expected may be so much. */
const EXPECTED_SHARE = 0.9;
/** A candidate that answers less often than this was not there. */
const ANSWERED_SHARE = 0.5;
const MOST_ROWS = 60;

type FieldOutcome = 'same' | 'different' | 'unknown';

interface JudgedField extends ComparedField {
  readonly outcome: FieldOutcome;
  /** Bounds of (the candidate's share of differences − the baseline's own). */
  readonly upper: number;
  readonly lower: number;
}

/** PAR-1: one check for each request, over all fields of its answers. */
export function judgeParity(subject: ParityDrill): readonly Check[] {
  return subject.drill.requests.map((request) =>
    releaseCheck(
      subject,
      {
        id: request.name,
        catalogue: 'PAR-1',
        title: `${request.name} is answered alike`,
        limit: `each field differs in ≤ ${percent(request.atMost)} more than from one baseline's answer to the next`,
      },
      () => finding(subject, request),
    ),
  );
}

function finding(subject: ParityDrill, request: Request): Finding {
  const compared = comparedOf(subject, request);
  if (compared === undefined) return inconclusive('nothing was compared');
  const { samples, withoutBaseline, withoutCandidate, asExpected } = compared;
  const fields = judged(compared, request.atMost);
  const by = (outcome: FieldOutcome) => fields.filter((field) => field.outcome === outcome);
  const [different, unknown] = [by('different'), by('unknown')];
  const worst = fields.toSorted((a, b) => b.upper - a.upper)[0];
  const result = {
    measured: `${different.length} of ${count(fields.length, 'field')} differ`,
    events: samples,
    evidence: figures({
      samples,
      fields: fields.length,
      differentFields: different.length === 0 ? undefined : names(different),
      unknownFields: unknown.length === 0 ? undefined : names(unknown),
      worstField: worst?.field,
      worstCandidateDiffers: worst?.candidate,
      worstBaselineDiffers: worst?.noise,
      worstUpperBound: worst?.upper,
      limit: request.atMost,
      withoutBaseline,
      withoutCandidate,
    }),
  };
  const fewest = fewestSamples(request.atMost);
  if (asExpected < EXPECTED_SHARE * samples) {
    return inconclusive(
      `the baseline was to answer with ${request.expect}, and did so ${asExpected} of ${samples} times: like that it shows nothing`,
      { ...result, hint: 'check the request, its token, and `expect`' },
    );
  }
  if (samples > 0 && samples - withoutCandidate < ANSWERED_SHARE * samples) {
    const reason = `the candidate did not answer ${withoutCandidate} of ${samples} times`;
    return inconclusive(reason, { ...result, hint: 'check its address, and that it runs' });
  }
  if (different.length > 0) {
    const shares = different.map(({ field, candidate, noise }) => `${field} in ${candidate} (itself in ${noise})`);
    return { outcome: 'fail', reason: `of ${count(samples, 'answer')} differ: ${shares.join('; ')}`, ...result };
  }
  if (samples < fewest) {
    const reason = `only ${samples} of ${samplesOf(request)} were answered, at least ${fewest} show a share of ${percent(request.atMost)}`;
    return inconclusive(reason, { ...result, hint: 'lower the `pace`, or find out why so few were answered' });
  }
  if (unknown.length > 0) return undecided(unknown, samples, request, result);
  const reason = `${count(fields.length, 'field')} of ${count(samples, 'answer')}: none differs from the baseline in more than it does from itself; upper bound ${percent(worst?.upper ?? 0, request.atMost)}`;
  return { outcome: 'pass', reason, ...result };
}

/** What differs by itself, or hardly ever. */
function undecided(
  unknown: readonly JudgedField[],
  samples: number,
  request: Request,
  result: Pick<Finding, 'measured' | 'events' | 'evidence'>,
): Finding {
  const noisy = unknown.filter(({ noise }) => noise > request.atMost * samples);
  const texts = unknown.map(
    ({ field, candidate, noise, upper }) =>
      `${field} differs in ${candidate}, by itself in ${noise}: at most ${percent(upper, request.atMost)} more`,
  );
  return inconclusive(`of ${count(samples, 'answer')} ${texts.join('; ')}`, {
    ...result,
    hint:
      noisy.length > 0
        ? `the baseline differs from itself in ${names(noisy)}: name it in \`ignore\` if it may`
        : 'send more of them (`samples`), or allow more (`atMost`)',
  });
}

function judged({ samples, fields }: ComparedRequest, atMost: number): readonly JudgedField[] {
  return fields.map((field) => {
    const [candidate, noise] = [
      { hits: field.candidate, of: samples },
      { hits: field.noise, of: samples },
    ];
    const upper = upperDifference(candidate, noise, 1 - PARITY_CONFIDENCE);
    const lower = lowerDifference(candidate, noise, FALSE_ALARM / fields.length);
    // What never is the same twice could not show a difference either.
    const telling = samples > 0 && field.noise < samples;
    const outcome = lower > atMost ? 'different' : upper <= atMost && telling ? 'same' : 'unknown';
    return { ...field, upper, lower, outcome };
  });
}

function comparedOf(subject: ParityDrill, { name }: Request): ComparedRequest | undefined {
  return seenBy(subject)?.records?.parity?.requests.find((request) => request.name === name);
}

function names(fields: readonly ComparedField[]): string {
  return fields.map(({ field }) => field).join(', ');
}

/** What a report shows of it beside its checks: every field, and requests whose answers differ. */
export function pictureParity(subject: ParityDrill): ReleasePicture {
  const rows: string[][] = [];
  const examples: string[][] = [];
  for (const request of subject.drill.requests) {
    const compared = comparedOf(subject, request);
    if (compared === undefined) continue;
    const fields = judged(compared, request.atMost).toSorted((a, b) => b.upper - a.upper);
    for (const { field, candidate, noise, upper, outcome } of fields) {
      rows.push([request.name, field, `${candidate} of ${compared.samples}`, String(noise), percent(upper), outcome]);
    }
    for (const { field, examples: shown } of fields.filter(({ outcome }) => outcome !== 'same')) {
      examples.push(...shown.map(({ sent, baseline, candidate }) => [request.name, field, sent, baseline, candidate]));
    }
  }
  // A field that never differs is worth a row as long as there are few of them.
  const telling = rows.length <= MOST_ROWS ? rows : rows.filter(([, , differs]) => differs?.startsWith('0 ') === false);
  const fieldsTable: Detail = {
    kind: 'table',
    title: 'Fields of the answers',
    columns: ['request', 'field', 'candidate differs', 'baseline differs by itself', 'at most more', 'outcome'],
    rows: telling.slice(0, MOST_ROWS),
  };
  const examplesTable: Detail = {
    kind: 'table',
    title: 'Requests that were answered differently',
    columns: ['request', 'field', 'sent', 'baseline', 'candidate'],
    rows: examples.slice(0, MOST_ROWS),
  };
  return { marks: [], details: examples.length === 0 ? [fieldsTable] : [fieldsTable, examplesTable] };
}
