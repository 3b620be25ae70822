import type { ToolName } from './tool.ts';

/**
 * How far a build is. "wait": another process builds the same tool. "download": Go modules, of `total` that the tool
 * asks for, not all of which a machine needs. "build": packages, of `total` that are not in Go's build cache. A total
 * of 0 means that it is not known.
 */
export interface BuildProgress {
  readonly tool: ToolName;
  readonly phase: 'wait' | 'download' | 'build';
  readonly done: number;
  readonly total: number;
}
