import { type Drill, stepOf } from '../drill.ts';
import { CANCELLATION_LEAD_MS } from '../cancellation.ts';
import { type ActContext, type Seen, send } from './act.ts';
import { waitUntil } from '../../wait-until.ts';

/** Clients that send a request, all at once, and go away before it is answered. */
export async function actCancellation(drill: Drill<'cancellation'>, act: ActContext, seen: Seen): Promise<void> {
  const step = stepOf(drill, 'canceled');
  if (!(await waitUntil(step.startMs + CANCELLATION_LEAD_MS, act.nowMs, act.signal))) return;
  const copies = Array.from({ length: drill.copies }, (_, copy) => copy);
  await Promise.all(
    drill.on.flatMap(({ edge, request }) =>
      copies.map((copy) => {
        const key = `${drill.name}-${edge}-${copy}-${act.context.folder.slice(-6)}`;
        const values = { key, account: `${drill.name}-${edge}` };
        const sent = { edge, step: step.step, role: 'canceled', key, values, copy } as const;
        return send(act, seen, request, { ...sent, cancelAfterMs: drill.cancelAfter });
      }),
    ),
  );
}
