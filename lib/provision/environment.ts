/** What a service sees of the harness's own environment: enough to run, nothing that would make a run depend on a shell. */
const INHERITED = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'TZ',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
]);

export type Environment = Readonly<Record<string, string>>;

/** The environment of a service: the little that is inherited, then its own. */
export function serviceEnvironment(own: Environment, outer: NodeJS.ProcessEnv = process.env): Environment {
  return { ...defined(outer, (name) => INHERITED.has(name)), ...own };
}

/** The environment of a build: all of the user's, whose tool chains are set up by it, then its own. */
export function buildEnvironment(own: Environment, outer: NodeJS.ProcessEnv = process.env): Environment {
  return { ...defined(outer, () => true), ...own };
}

function defined(env: NodeJS.ProcessEnv, keep: (name: string) => boolean): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined && keep(name)) kept[name] = value;
  return kept;
}
