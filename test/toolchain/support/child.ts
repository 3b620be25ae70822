import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A Node process that runs a script. Disposing of it kills it. */
export interface Child extends AsyncDisposable {
  readonly lines: readonly string[];
  /** Resolves with the first line that has the text; rejects when the process ends without one. */
  readonly printed: (text: string) => Promise<string>;
  /** Resolves when it is gone. */
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
  readonly kill: () => Promise<void>;
}

export function startChild(script: URL, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Child {
  const child = spawn(process.execPath, [fileURLToPath(script), ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let rest = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({ code: code ?? null, stderr }));

  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return {
    lines,
    ended,
    kill,
    async printed(text) {
      let gone = false;
      void ended.then(() => (gone = true));
      for (;;) {
        const line = lines.find((candidate) => candidate.includes(text));
        if (line !== undefined) return line;
        if (gone) throw new Error(`ended without printing ${text}: ${lines.join('\n')}${stderr}`);
        await Promise.race([once(child.stdout, 'data'), ended]);
      }
    },
    [Symbol.asyncDispose]: kill,
  };
}
