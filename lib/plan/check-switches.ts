import { findPlaceholders } from '../provision/placeholders.ts';
import { checkPlaceholders } from './check-placeholders.ts';
import { type Problem, formatPath } from './problem.ts';
import type { RouteFile, System, TrafficSwitch } from './schema/system.ts';

const PLACEHOLDERS = ['mode', 'share', 'rest'];

/** What may stand in a switch's calls and its file; its kill switch is asked for nothing but itself. */
export function checkSwitches(
  file: string,
  { trafficSwitch }: System,
  known: readonly string[],
  problems: Problem[],
): void {
  const switches = [trafficSwitch ?? []].flat();
  const files = new Set<string>();
  for (const [index, { kill, ...own }] of switches.entries()) {
    const path = ['system', 'trafficSwitch', ...(Array.isArray(trafficSwitch) ? [index] : [])];
    const each = own.capabilities.flatMap((name) => PLACEHOLDERS.map((placeholder) => `${placeholder}.${name}`));
    checkPlaceholders(file, path, own, [...known, 'capability', ...PLACEHOLDERS, ...each], problems);
    checkPlaceholders(file, [...path, 'kill'], kill, known, problems);
    if (!('file' in own.set)) continue;
    const templateProblem = problemOf(own.set.template, own.capabilities);
    if (templateProblem !== undefined) {
      problems.push({ file, path: formatPath([...path, 'set', 'template']), value: undefined, ...templateProblem });
    }
    if (files.has(own.set.file)) {
      const hint = 'one switch with all of their `capabilities`: each writes the whole file';
      const at = formatPath([...path, 'set', 'file']);
      problems.push({ file, path: at, value: own.set.file, message: 'is written by two switches', hint });
    }
    files.add(own.set.file);
  }
}

/** All of the file is written each time: it must say what each of its capabilities has, and of which. */
function problemOf(
  template: RouteFile['template'],
  capabilities: TrafficSwitch['capabilities'],
): Pick<Problem, 'message' | 'hint'> | undefined {
  const several = capabilities.length > 1;
  if (typeof template !== 'string' && several) {
    return { message: 'is one for each mode, and there are several capabilities', hint: 'write one for all' };
  }
  const used = findPlaceholders(typeof template === 'string' ? template : template.canary);
  const vague = used.find((name) => several && PLACEHOLDERS.includes(name));
  if (vague !== undefined) {
    const hint = `write ${capabilities.map((name) => `{{${vague}.${name}}}`).join(' and ')}`;
    return { message: `{{${vague}}} stands for one of several capabilities`, hint };
  }
  const left = capabilities.find((name) => {
    const ends = several ? [`.${name}`] : ['', `.${name}`];
    return !ends.some((end) => used.includes(`share${end}`) || used.includes(`rest${end}`));
  });
  if (left === undefined) return undefined;
  const end = several ? `.${left}` : '';
  return { message: `does not hold the share of "${left}"`, hint: `write {{share${end}}} or {{rest${end}}}` };
}
