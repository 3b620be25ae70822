import { LEAD_MS } from '../graceful-stop.ts';
import { type Drill, stepOf } from '../drill.ts';
import { waitUntil } from '../../wait-until.ts';
import { type ActContext, type Seen, send } from './act.ts';

/** Sends requests evenly, and SIGTERM in the middle of them; then waits for every answer and starts the service again. */
export async function actGracefulStop(drill: Drill<'graceful-stop'>, act: ActContext, seen: Seen): Promise<void> {
  for (const { service, request } of drill.services) {
    const { startMs } = stepOf(drill, service);
    const control = act.controls.get(service);
    if (control === undefined) throw new Error(`${service} was not started by the harness`);
    if (!(await waitUntil(startMs + LEAD_MS, act.nowMs, act.signal))) return;
    const firstMs = act.nowMs();
    const run = act.context.folder.slice(-6);
    const sending = Array.from({ length: drill.copies }, async (_, copy) => {
      if (!(await waitUntil(firstMs + (copy * drill.over) / drill.copies, act.nowMs, act.signal))) return;
      const key = `${drill.name}-${service}-${run}-${copy}`;
      const sent = { edge: service, step: service, role: 'request', key, values: { key, account: key }, copy } as const;
      await send(act, seen, request, sent);
    });
    try {
      if (await waitUntil(firstMs + drill.over / 2, act.nowMs, act.signal)) {
        seen.marks.push({ atMs: act.nowMs(), step: service, event: 'terminated', text: `SIGTERM to ${service}` });
        await control.end('SIGTERM');
        seen.marks.push({ atMs: act.nowMs(), step: service, event: 'ended', text: `${service} has ended` });
      }
      await Promise.all(sending);
    } finally {
      await control.start();
    }
    seen.marks.push({ atMs: act.nowMs(), step: service, event: 'ready', text: `${service} ready` });
  }
}
