import type { Outcome } from '../model/verdict.ts';

/** GitHub's own pictures, since Markdown has no colours. */
export const ICONS: Readonly<Record<Outcome, string>> = { fail: '❌', inconclusive: '⚠️', pass: '✅' };
