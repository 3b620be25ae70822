import http from 'k6/http';

/** Which HTTP statuses are a success, for k6's own metrics and for the outcome of an operation alike. */
export interface ExpectedStatuses {
  includes(status: number): boolean;
  readonly callback: ReturnType<typeof http.expectedStatuses>;
}

/** As k6's `http.expectedStatuses`: statuses, or ranges of them with both ends. For the init stage, once for all requests. */
export function expectStatuses(
  ...expected: readonly (number | { readonly min: number; readonly max: number })[]
): ExpectedStatuses {
  const ranges = expected.map((one) => (typeof one === 'number' ? { min: one, max: one } : one));
  return {
    includes: (status) => ranges.some(({ min, max }) => status >= min && status <= max),
    callback: http.expectedStatuses(...ranges),
  };
}
