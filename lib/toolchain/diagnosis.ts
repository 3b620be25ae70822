import type { ToolSource } from './tool.ts';

/** What a tool or program is needed for: every run, the reference system in `services/`, or single features. */
export type Need = 'required' | 'reference-system' | 'optional';

/** One thing that a machine should have. Plain data: this is what `doctor --json` prints. */
export interface DiagnosisItem {
  readonly name: string;
  readonly need: Need;
  /** For people: "every run", "the reference system", … */
  readonly usedFor: string;
  readonly status: 'ok' | 'missing' | 'unusable';
  readonly version: string | null;
  /** Absolute. */
  readonly path: string | null;
  /** "running": the program that is at work already (Node). */
  readonly source: ToolSource | 'running' | null;
  /** Why this one, or what is wrong. */
  readonly why: string;
  /** The exact way to mend it; null when the status is "ok". */
  readonly fix: string | null;
}

export interface Diagnosis {
  /** Whether everything is there that every run needs. */
  readonly ok: boolean;
  /** Where built tools are kept (absolute). */
  readonly cacheDir: string;
  readonly items: readonly DiagnosisItem[];
}
