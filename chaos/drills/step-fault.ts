import { attributesOf } from '../../lib/plan/fault-attributes.ts';
import type { DrillFault } from '../../lib/plan/schema/drills/parts.ts';
import type { FaultSpec, StepContext } from './drill-kind.ts';

/** A fault as a drill declares it, with its units worked out; whether it makes sense is checked before. */
export function faultSpec(
  input: DrillFault,
  { protocolOf, seedOf }: Pick<StepContext, 'protocolOf' | 'seedOf'>,
): FaultSpec {
  const on = 'service' in input ? { service: input.service } : { edge: input.edge };
  const edge = 'edge' in input ? { protocol: protocolOf(input.edge) } : undefined;
  const attributes = attributesOf(input, seedOf(`fault ${input.kind}`), edge, () => {});
  // The kinds differ in their attributes only, which were made for the input's kind.
  return { ...on, ...attributes } as FaultSpec;
}
