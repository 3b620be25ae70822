import type { Diagnosis, DiagnosisItem } from './diagnosis.ts';

const MARK = { ok: 'ok', missing: '--', unusable: '!!' } as const;

/** A diagnosis for people: a line for what each item is, one for why, and where something is wrong what helps. */
export function renderDiagnosis(diagnosis: Diagnosis): string {
  const width = Math.max(...diagnosis.items.map(({ name }) => name.length));
  const lines = diagnosis.items.flatMap((item) => renderItem(item, width));
  return [...lines, '', `cache: ${diagnosis.cacheDir}`, summary(diagnosis), ''].join('\n');
}

function renderItem(item: DiagnosisItem, width: number): readonly string[] {
  const indent = ' '.repeat(width + 5);
  const where = [item.version, item.path].filter((part) => part !== null).join('  ');
  const optional =
    item.need === 'required' ? '' : ` (${item.need === 'optional' ? 'optional, ' : ''}for ${item.usedFor})`;
  const head = `${MARK[item.status]}  ${item.name.padEnd(width)} ${where || item.status}${optional}`;
  const fix = (item.fix?.split('\n') ?? []).map((line, index) => `${indent}${index === 0 ? 'fix: ' : '     '}${line}`);
  return [head, `${indent}${item.why}`, ...fix];
}

function summary({ items, ok }: Diagnosis): string {
  if (!ok) return `not ready: ${lacking(items, 'required')}`;
  const reference = lacking(items, 'reference-system');
  return reference === '' ? 'ready' : `ready, but not for the reference system: ${reference}`;
}

function lacking(items: readonly DiagnosisItem[], need: DiagnosisItem['need']): string {
  return items
    .filter((item) => item.need === need && item.status !== 'ok')
    .map(({ name, status }) => `${name} is ${status}`)
    .join(', ');
}
