import type { Check } from '../../reports/model/verdict.ts';
import { inconclusive } from './finding.ts';
import type { Finding, Subject } from './finding.ts';

/**
 * Runs one check. A check that throws, or that counts something that is not a number, has shown nothing: it is
 * inconclusive with the error's text, never a pass, and the other checks are still judged.
 */
export function safely(subject: Subject, judge: () => Finding): Check {
  return { ...subject, ...outcomeOf(judge) };
}

function outcomeOf(judge: () => Finding): Finding {
  try {
    const finding = judge();
    if (!Number.isSafeInteger(finding.events) || finding.events < 0) {
      throw new Error(`the number of events is ${finding.events}`);
    }
    return { ...finding, evidence: writable(finding.evidence) };
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return inconclusive(`the check itself broke down: ${text}`, {
      hint: 'this is a defect of the harness or a damaged timeline, not of the system; please report it',
    });
  }
}

/** JSON has no NaN and no infinity: they are written as text, so that the verdict stays valid and says what was there. */
function writable(evidence: Finding['evidence']): Finding['evidence'] {
  return Object.fromEntries(
    Object.entries(evidence).map(([name, value]) => [
      name,
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    ]),
  );
}
