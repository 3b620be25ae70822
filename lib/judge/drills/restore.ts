import type { Check } from '../../../reports/model/verdict.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import { restoreFault } from '../../../chaos/drills/restore.ts';
import { judgeRecovery } from '../recovery.ts';
import { milliseconds } from '../words.ts';
import { type ReleaseDrill, type ReleasePicture, releaseCheck } from './release.ts';

/** RBK-6: after each kill all is well again in time. What was acknowledged before it is the history's matter. */
export function judgeRestore(subject: ReleaseDrill<Drill<'restore'>>): readonly Check[] {
  const { drill, plan, observations } = subject;
  const { operation, protocol, within, under, atLeast } = drill;
  return drill.services.map((service) =>
    releaseCheck(
      subject,
      {
        id: `${service}:back`,
        catalogue: 'RBK-6',
        title: `${service} killed and started again: well after ${milliseconds(within)} at most`,
        limit: `≤ ${milliseconds(within)}`,
        steps: [service],
        service,
        operation,
      },
      () => {
        const after = `${drill.name}-${restoreFault(service)}`;
        const budget = { kind: 'recovery', operation, protocol, after, within, under, atLeast } as const;
        const { outcome, reason, hint, measured, events, evidence } = judgeRecovery('', budget, plan, observations);
        return { outcome, reason, measured, events, evidence, ...(hint === undefined ? {} : { hint }) };
      },
    ),
  );
}

/** When each went and was back. */
export function pictureRestore({ drill, observations }: ReleaseDrill<Drill<'restore'>>): ReleasePicture {
  const marks = drill.services.flatMap((service) => {
    const fault = observations.faults.find(({ name }) => name === `${drill.name}-${restoreFault(service)}`);
    return [
      ...(fault?.injectedMs === undefined ? [] : [{ atMs: fault.injectedMs, text: `${service} killed` }]),
      ...(fault?.removedMs === undefined ? [] : [{ atMs: fault.removedMs, text: `${service} ready` }]),
    ];
  });
  return { marks, details: [] };
}
