import type { Check, DrillResult, Section } from '../../reports/model/verdict.ts';

/** A rollback that lost two writes: stages on the clock, the offending ids, and two traces. */

export interface ReleaseFixture {
  readonly drill: DrillResult;
  readonly sections: readonly Section[];
  readonly checks: readonly Check[];
}

export function releaseFixture(startMs: number): ReleaseFixture {
  const at = (ms: number) => startMs + ms;
  const triggeredMs = at(5_120);
  const recovery = check({
    id: 'drill:rollback:recovery',
    kind: 'drill',
    catalogue: 'RBK-2',
    drill: 'rollback',
    title: 'rollback: back in budget',
    limit: '≤ 10 s',
    measured: '7.94 s',
    reason: 'three windows in a row held 7.94 s after the fault',
    events: 15,
  });
  const lost = check({
    id: 'history:monolith:lost',
    kind: 'history',
    catalogue: 'RBK-1',
    outcome: 'fail',
    title: 'monolith: nothing is lost',
    limit: '0 lost',
    measured: '2 lost of 1,204',
    reason: '2 acknowledged writes are not there: order-4-17, order-9-3',
    events: 1_204,
  });
  const noDuplicates = check({
    id: 'history:monolith:duplicated',
    kind: 'history',
    catalogue: 'RBK-1',
    title: 'monolith: nothing is there twice',
    limit: '0 duplicated',
    measured: '0 of 1,204',
    reason: 'each of 1,204 writes has one effect',
    events: 1_204,
  });
  return {
    checks: [recovery, lost, noDuplicates],
    drill: {
      name: 'rollback',
      kind: 'rollback',
      contract: 'when ledger-append leaves its budget, traffic is back on the baseline within 10s',
      startMs,
      endMs: at(20_000),
      steps: [
        { name: 'shifted', startMs, endMs: at(5_000), detail: 'ledger → canary 50 %' },
        { name: 'bad', startMs: at(5_000), endMs: at(20_000), detail: 'latency 400ms on orders-ledger' },
      ],
      marks: [
        { atMs: triggeredMs, text: 'fault in force' },
        { atMs: at(9_560), text: 'kill switch asked for' },
      ],
      details: [
        {
          kind: 'stages',
          title: 'Recovery',
          stages: [
            { name: 'detect', startMs: triggeredMs, endMs: at(8_500), detail: 'first window outside the budget' },
            { name: 'decide', startMs: at(8_500), endMs: at(9_560), detail: '2 windows' },
            { name: 'shift', startMs: at(9_560), endMs: at(9_601), detail: 'kill switch reads back' },
            { name: 'drain', startMs: at(9_601), endMs: at(13_060), detail: 'three windows in budget' },
          ],
          limitMs: triggeredMs + 10_000,
        },
      ],
      checks: [recovery.id],
    },
    sections: [
      {
        id: 'history',
        title: 'Writes',
        note: '1,204 acknowledged writes against what is there at the end, read from monolith.',
        checks: [lost.id, noDuplicates.id],
        details: [
          {
            kind: 'table',
            title: 'Writes that did not end well',
            columns: ['What', 'Id', 'Attempted', 'Acknowledged', 'In', 'Found'],
            rows: [
              ['lost', 'order-4-17', '9.51 s', '9.58 s', 'rollback-bad', 'nowhere'],
              ['lost', 'order-9-3', '9.53 s', '9.6 s', 'rollback-bad', 'engine only'],
            ],
            more: { rows: 3, file: 'violations.ndjson' },
          },
          { kind: 'table', title: 'Reads that went back in time', columns: ['Id'], rows: [] },
        ],
      },
      {
        id: 'traces',
        title: 'Traces',
        note: 'One slow and one failed request, as their spans tell.',
        checks: [],
        details: [
          {
            kind: 'trace',
            title: 'A failed request',
            traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
            spans: [
              { service: 'monolith', name: 'ledger-append', depth: 0, startMs: 0, endMs: 512, status: 'UNAVAILABLE' },
              { service: 'monolith', name: 'orders-ledger', depth: 1, startMs: 2, endMs: 251, status: 'UNAVAILABLE' },
              { service: 'engine', name: 'ledger-append', depth: 2, startMs: 120, endMs: 130, status: 'ok' },
              {
                service: 'monolith',
                name: 'orders-ledger',
                depth: 1,
                startMs: 260,
                endMs: 510,
                status: 'UNAVAILABLE',
                note: 'retry 1',
              },
            ],
          },
        ],
      },
    ],
  };
}

function check(parts: Omit<Check, 'outcome' | 'evidence'> & Partial<Pick<Check, 'outcome'>>): Check {
  return { outcome: 'pass', evidence: {}, ...parts };
}
