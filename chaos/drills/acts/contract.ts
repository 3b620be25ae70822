import { resolve as resolvePath } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CutoverError } from '../../../lib/errors.ts';
import type { DrillRequestSpec, Json } from '../../../lib/plan/schema/requests.ts';
import { readPointer } from '../../../lib/provision/json-pointer.ts';
import { AnswerChecker, type AnswerProblem } from '../../contracts/check-answer.ts';
import type { ContractChange } from '../../contracts/contract-change.ts';
import { type OpenapiDocument, operationsOf, readOpenapi } from '../../contracts/openapi-document.ts';
import { openapiChanges } from '../../contracts/openapi-changes.ts';
import { differsByExtent, requestOf } from '../../contracts/openapi-request.ts';
import { protoChanges } from '../../drivers/buf.ts';
import { sendRequest, traceIdOf } from '../../drivers/drill-request.ts';
import type { Answer } from '../../drivers/request-options.ts';
import { RequestSession } from '../../drivers/request-session.ts';
import { waitUntil } from '../../wait-until.ts';
import { fieldsOf, generalised } from '../answer-fields.ts';
import { CONTRACT_LEAD_MS, type ContractCall, type ContractChanges } from '../contract.ts';
import { type Drill, stepOf } from '../drill.ts';
import { fillIn } from '../fill-in.ts';
import { isAnswer } from '../is-answer.ts';
import type { ActContext, Seen } from './act.ts';

type ContractDrill = Drill<'contract'>;
type Target = ContractDrill['targets'][number];

const ANSWER_MS = 3_000;
/** Somebody who is only busy is asked again. */
const TRIES = 4;
const PAUSE_MS = 150;
const BUSY = /^(HTTP (408|429|500|502|503|504)|UNAVAILABLE|RESOURCE_EXHAUSTED|DEADLINE_EXCEEDED|INTERNAL)$/;
/** What a field that was not sent reads as. */
const EMPTY: readonly string[] = ['""', '"0"', '0', 'false', 'null', '[]', '{}'];

/** Calls every target as a client of the previous contract does, and looks at what changed since then. */
export async function actContract(drill: ContractDrill, act: ActContext, seen: Seen): Promise<void> {
  const { openapi, proto, targets } = drill;
  const document = openapi === undefined ? undefined : readOpenapi(resolvePath(act.root, openapi.previous));
  const calls: ContractCall[] = [];
  seen.records.contract = { calls, ...(await changesOf(drill, document, act)) };
  using session = new RequestSession();
  for (const target of targets) {
    if (!(await waitUntil(stepOf(drill, target.name).startMs + CONTRACT_LEAD_MS, act.nowMs, act.signal))) return;
    const caller = new Caller(drill, target, act, session);
    if (document !== undefined) calls.push(...(await overHttp(drill, document, target, caller)));
    if (proto !== undefined) calls.push(...(await overGrpc(drill, target, caller)));
  }
}

async function changesOf(
  { openapi, proto }: ContractDrill,
  previous: OpenapiDocument | undefined,
  { root, context, signal }: ActContext,
): Promise<{ readonly openapiChanges?: ContractChanges; readonly protoChanges?: ContractChanges }> {
  const changed = async (
    find: () => readonly ContractChange[] | Promise<readonly ContractChange[]>,
  ): Promise<ContractChanges> => {
    try {
      return { changes: await find() };
    } catch (error) {
      const hint = error instanceof CutoverError ? error.hint : undefined;
      return { changes: [], problem: (error as Error).message, ...(hint === undefined ? {} : { hint }) };
    }
  };
  const [document, folder] = [openapi?.current, proto?.current];
  return {
    ...(document === undefined || previous === undefined
      ? {}
      : {
          openapiChanges: await changed(() => openapiChanges(previous, readOpenapi(resolvePath(root, document)))),
        }),
    ...(folder === undefined || proto === undefined
      ? {}
      : {
          protoChanges: await changed(() =>
            protoChanges(
              { previous: resolvePath(root, proto.previous), current: resolvePath(root, folder), rules: proto.rules },
              { cacheDir: context.cacheDir, signal },
            ),
          ),
        }),
  };
}

async function overHttp(
  { openapi }: ContractDrill,
  document: OpenapiDocument,
  target: Target,
  caller: Caller,
): Promise<readonly ContractCall[]> {
  const { http: baseUrl, headers, only } = target;
  if (baseUrl === undefined) return [];
  const checker = new AnswerChecker(document);
  const operations = operationsOf(document);
  const made: ContractCall[] = [];
  for (const { operation: id, values } of openapi?.calls ?? []) {
    if (only?.includes(id) === false) continue;
    const operation = operations.find((one) => one.id === id);
    if (operation === undefined) throw new Error(`${openapi?.previous} has no operation ${id}`);
    for (const extent of differsByExtent(document, operation) ? (['required', 'all'] as const) : (['all'] as const)) {
      const spec = requestOf(document, operation, { baseUrl, headers, values, extent });
      const call = { target: target.name, protocol: 'http', operation: id, extent } as const;
      made.push(await caller.call(call, spec, (answer) => checker.problemsOf(operation, answer)));
    }
  }
  return made;
}

async function overGrpc({ proto }: ContractDrill, target: Target, caller: Caller): Promise<readonly ContractCall[]> {
  const { grpc: address, headers, only } = target;
  if (address === undefined || proto === undefined) return [];
  const made: ContractCall[] = [];
  for (const { method, message, filled } of proto.calls) {
    if (only?.includes(method) === false) continue;
    const contract = { protoPath: proto.previous, protoFiles: proto.files };
    const spec = { grpc: { address, ...contract, method, message, metadata: headers } };
    const call = { target: target.name, protocol: 'grpc', operation: method, extent: 'all' } as const;
    made.push(await caller.call(call, spec, (answer) => grpcProblems(answer, filled)));
  }
  return made;
}

/** What is gone from a message reads as empty: only who knows that it must not be can tell. */
function grpcProblems(answer: Answer, filled: readonly string[]): readonly AnswerProblem[] {
  if (!answer.ok) {
    const message = answer.headers?.['grpc-message'];
    return [{ field: 'status', text: `${answer.status}${message === undefined ? '' : `: ${message}`}` }];
  }
  const fields = [...fieldsOf(answer)].map(
    ([name, value]) => [generalised(name).replace(/^\/\*(?=\/)/, ''), value] as const,
  );
  return filled.flatMap((field) => {
    const values = fields.filter(([name]) => name === field).map(([, value]) => value);
    if (values.length > 0 && values.every((value) => !EMPTY.includes(value))) return [];
    return [{ field, text: values.length === 0 ? 'is not in the answer' : `is empty (${values[0]})` }];
  });
}

/** A client of one target's, which remembers what it was answered: later calls may need it. */
class Caller {
  readonly #drill: ContractDrill;
  readonly #target: Target;
  readonly #act: ActContext;
  readonly #session: RequestSession;
  readonly #answers = new Map<string, unknown>();
  readonly #untilMs: number;
  #sent = 0;

  constructor(drill: ContractDrill, target: Target, act: ActContext, session: RequestSession) {
    this.#drill = drill;
    this.#target = target;
    this.#act = act;
    this.#session = session;
    this.#untilMs = stepOf(drill, target.name).endMs;
  }

  async call(
    call: Pick<ContractCall, 'target' | 'protocol' | 'operation' | 'extent'>,
    spec: DrillRequestSpec,
    problemsOf: (answer: Answer) => readonly AnswerProblem[],
  ): Promise<ContractCall> {
    this.#sent += 1;
    const key = [this.#drill.name, this.#target.name, this.#sent, this.#act.context.folder.slice(-6)].join('-');
    const filled = this.#filledIn(spec, key);
    if (typeof filled === 'string') return { ...call, status: filled, answered: false, problems: [] };
    const answer = await this.#send(filled, key);
    if (answer.ok) this.#answers.set(call.operation, answer.items[0]);
    const answered = isAnswer(answer.status) && !BUSY.test(answer.status);
    return { ...call, status: answer.status, answered, problems: answered ? problemsOf(answer) : [] };
  }

  /** With what was answered before (`{{operation#/pointer}}`), or why that is not possible. */
  #filledIn(spec: DrillRequestSpec, key: string): DrillRequestSpec | string {
    const values: Record<string, Json> = { key, account: key };
    for (const [, name = '', operation = '', pointer = ''] of JSON.stringify(spec).matchAll(
      /\{\{(([^{}#]+)#([^{}]*))\}\}/g,
    )) {
      const found = readPointer(this.#answers.get(operation), pointer);
      if (found === undefined) return `not called: ${operation} was not answered with ${pointer}`;
      values[name] = found as Json;
    }
    return fillIn(spec, values);
  }

  async #send(spec: DrillRequestSpec, key: string): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await sendRequest(spec, {
        resolve: this.#act.resolve,
        root: this.#act.root,
        signal: AbortSignal.any([this.#act.signal, AbortSignal.timeout(ANSWER_MS)]),
        traceId: traceIdOf([this.#act.context.folder, key, attempt].join('\n')),
        headers: ['content-type', 'grpc-message'],
        session: this.#session,
      });
      const known = isAnswer(answer.status) && !BUSY.test(answer.status);
      if (known || attempt >= TRIES || this.#act.nowMs() >= this.#untilMs || this.#act.signal.aborted) return answer;
      await delay(PAUSE_MS, undefined, { signal: this.#act.signal }).catch(() => undefined);
    }
  }
}
