import { existsSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { operationsOf, readOpenapi } from '../../chaos/contracts/openapi-document.ts';
import { fewestSamples } from '../../chaos/drills/parity.ts';
import { findPlaceholders, knownPlaceholders } from '../provision/placeholders.ts';
import { type Report, checkTexts, checkTraffic } from './check-names.ts';
import { suggest } from './nearest.ts';
import type { Config } from './schema/config.ts';
import type { DrillInput, DrillOf } from './schema/drills.ts';
import type { DrillRequestSpec } from './schema/requests.ts';

/** Where a drill stands, and what it is checked against. */
interface At {
  readonly path: string;
  readonly config: Config;
  readonly report: Report;
  /** The config's folder. */
  readonly root: string;
}

/** Placeholders that are new in each request. */
const NEW = ['key', 'account'];

/** Drills that compare or judge single answers: their names and texts, and whether they can be decided at all. */
export function checkAnswerDrill(drill: DrillInput, at: At): void {
  if (drill.kind === 'parity') checkParity(drill, at);
  if (drill.kind === 'shadow') checkShadow(drill, at);
  if (drill.kind === 'contract') checkContract(drill, at);
  if (drill.kind === 'boundary') checkBoundary(drill, at);
}

function checkParity(drill: DrillOf<'parity'>, { path, config, report }: At): void {
  const known = knownPlaceholders(config.system);
  checkTraffic(config, `${path}.traffic`, drill.traffic, report);
  checkTexts(drill.baseline, `${path}.baseline`, known, report);
  checkTexts(drill.candidate, `${path}.candidate`, known, report);
  const [baseline, candidate] = [Object.keys(drill.baseline), Object.keys(drill.candidate)];
  for (const [side, names, other] of [
    ['candidate', candidate, baseline],
    ['baseline', baseline, candidate],
  ] as const) {
    for (const name of other.filter((one) => !names.includes(one))) {
      report(`${path}.${side}`, names, `does not have ${name}`, 'name the same things for both');
    }
  }
  checkUnique(drill.requests, `${path}.requests`, report);
  for (const [index, { request, values, samples, atMost }] of drill.requests.entries()) {
    const where = `${path}.requests[${index}]`;
    checkTexts(request, `${where}.request`, [...known, ...baseline, ...Object.keys(values), ...NEW], report);
    for (const [name, value] of Object.entries(values)) {
      if ([...baseline, ...NEW].includes(name)) {
        report(`${where}.values.${name}`, value, 'stands for something else already', 'give it another name');
      }
      if ('from' in value && value.to < value.from) {
        report(`${where}.values.${name}`, value, '`to` is less than `from`');
      }
    }
    const fewest = fewestSamples(atMost);
    if (samples !== undefined && samples < fewest) {
      const hint = `it takes at least ${fewest}; leave it out for as many, or raise \`atMost\``;
      report(`${where}.samples`, samples, 'are too few to show that so few answers differ', hint);
    }
  }
}

function checkShadow(drill: DrillOf<'shadow'>, { path, config, report }: At): void {
  const { off, shadow, dead, effects, shadowed } = drill;
  checkTraffic(config, `${path}.off`, off, report);
  checkTraffic(config, `${path}.shadow`, shadow, report);
  for (const name of Object.keys(shadow).filter((one) => off[one] === undefined)) {
    report(`${path}.off.${name}`, undefined, 'is missing', 'nothing would move back what `shadow` moves');
  }
  checkEdges(dead?.edges ?? [], `${path}.dead.edges`, config, report);
  checkTexts({ effects, shadowed }, path, knownPlaceholders(config.system), report);
}

function checkContract(drill: DrillOf<'contract'>, { path, config, report, root }: At): void {
  const { openapi, proto, targets } = drill;
  const known = [...knownPlaceholders(config.system), ...NEW];
  checkUnique(targets, `${path}.targets`, report);
  const operations = openapi?.calls.map(({ operation }) => operation) ?? [];
  const methods = proto?.calls.map(({ method }) => method) ?? [];
  for (const [index, { http, grpc, headers, traffic, only = [] }] of targets.entries()) {
    const where = `${path}.targets[${index}]`;
    checkTexts({ http, grpc, headers }, where, known, report);
    checkTraffic(config, `${where}.traffic`, traffic, report);
    for (const name of only.filter((one) => ![...operations, ...methods].includes(one))) {
      report(`${where}.only`, name, 'is none of the calls', suggest(name, [...operations, ...methods]));
    }
  }
  checkCalls(
    openapi?.calls.map(({ operation, values }) => [operation, values]) ?? [],
    `${path}.openapi.calls`,
    known,
    report,
  );
  checkCalls(proto?.calls.map(({ method, message }) => [method, message]) ?? [], `${path}.proto.calls`, known, report);
  for (const version of ['previous', 'current'] as const) {
    const [document, folder] = [openapi?.[version], proto?.[version]];
    if (folder !== undefined && !existsSync(resolvePath(root, folder))) {
      report(`${path}.proto.${version}`, folder, 'no such folder', `looked for ${resolvePath(root, folder)}`);
    }
    if (document === undefined) continue;
    try {
      const ids = operationsOf(readOpenapi(resolvePath(root, document))).map(({ id }) => id);
      if (version === 'current') continue;
      for (const [index, id] of operations.entries()) {
        if (ids.includes(id)) continue;
        report(`${path}.openapi.calls[${index}].operation`, id, `is no operation of ${document}`, suggest(id, ids));
      }
    } catch (error) {
      report(`${path}.openapi.${version}`, document, 'cannot be read', (error as Error).message);
    }
  }
}

/** What a call needs of others must have been answered before it. */
function checkCalls(
  calls: readonly (readonly [name: string, values: unknown])[],
  path: string,
  known: readonly string[],
  report: Report,
): void {
  for (const [index, [, values]] of calls.entries()) {
    const before = calls.slice(0, index).map(([name]) => name);
    for (const text of findPlaceholders(JSON.stringify(values))) {
      const [operation = '', pointer] = text.split('#');
      if (pointer === undefined ? known.includes(text) : before.includes(operation) && pointer.startsWith('/'))
        continue;
      const hint =
        pointer === undefined
          ? suggest(text, known)
          : `called before it: ${before.join(', ') || 'none'}; like {{append#/id}}`;
      report(`${path}[${index}]`, `{{${text}}}`, 'unknown placeholder', hint);
    }
  }
}

function checkBoundary(drill: DrillOf<'boundary'>, { path, config, report }: At): void {
  checkTraffic(config, `${path}.traffic`, drill.traffic, report);
  checkUnique(drill.endpoints, `${path}.endpoints`, report);
  checkEdges(drill.down, `${path}.down`, config, report);
  const callers = Object.keys(drill.tokens);
  for (const [index, { caller, request }] of drill.endpoints.entries()) {
    const where = `${path}.endpoints[${index}]`;
    if (!callers.includes(caller)) report(`${where}.caller`, caller, 'has no tokens', suggest(caller, callers));
    checkTexts(request, `${where}.request`, [...knownPlaceholders(config.system), ...NEW, 'token'], report);
    if (!holdsToken(request)) {
      const hint = 'write {{token}} in one of its headers (over gRPC, of its metadata)';
      report(`${where}.request`, undefined, 'has no place for a token', hint);
    }
  }
}

function holdsToken(spec: DrillRequestSpec): boolean {
  const texts = 'http' in spec ? spec.http.headers : spec.grpc.metadata;
  return Object.values(texts).some((text) => findPlaceholders(text).includes('token'));
}

function checkEdges(names: readonly string[], path: string, config: Config, report: Report): void {
  const edges = Object.keys(config.system.edges);
  for (const [index, name] of names.entries()) {
    if (!edges.includes(name)) report(`${path}[${index}]`, name, 'unknown edge', suggest(name, edges));
  }
}

function checkUnique(items: readonly { readonly name: string }[], path: string, report: Report): void {
  const names = items.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) report(`${path}[${index}].name`, name, 'is used twice', 'give each its own');
  }
}
