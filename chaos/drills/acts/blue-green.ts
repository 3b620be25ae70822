import type { Drill } from '../drill.ts';
import type { ActContext, Seen } from './act.ts';

/** The steps move the traffic, and the load is all that it takes. */
export async function actBlueGreen(_drill: Drill<'blue-green'>, _act: ActContext, _seen: Seen): Promise<void> {}
