/** Tools that are built where they are missing. */
export type ToolName = 'k6' | 'toxiproxy-server';

/** Tools that are only used where the machine has them. */
export type FoundToolName = 'prometheus' | 'promtool';

/** Where a tool was found: named by the user, on PATH, in the cache, or built just now. */
export type ToolSource = 'override' | 'path' | 'cache' | 'built';

/** A tool that was run once to read its version, and so is known to start on this machine. */
export interface Tool {
  readonly name: ToolName | FoundToolName;
  /** As the tool prints it, without a leading "v"; "unknown" where an override prints none. */
  readonly version: string;
  /** Absolute. */
  readonly path: string;
  readonly source: ToolSource;
  /** Why this one and not another, for people: "k6 1.8.1 on PATH (…) is outside >=2.1.0 <3.0.0; built from …". */
  readonly why: string;
}
