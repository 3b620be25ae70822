import type { OtlpSpan } from './span.ts';

/** One export of spans, by resource, whichever encoding it came in. */
export type Exported = readonly {
  readonly resource: ReadonlyMap<string, string | number | boolean>;
  readonly spans: readonly OtlpSpan[];
}[];

/** A body that is no ExportTraceServiceRequest. */
export class BadExport extends Error {}
