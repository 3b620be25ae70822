import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../services/monolith', import.meta.url));

/** Whether this machine can build the reference services' Go half. */
export const hasGo = spawnSync('go', ['version'], { stdio: 'ignore' }).error === undefined;

export interface Monolith extends Disposable {
  readonly httpUrl: string;
  readonly grpcAddress: string;
}

/** Builds the monolith (cached by Go) and starts it alone, with all its capabilities in-process, on ports of the system's choice. */
export async function startMonolith(settings: Readonly<Record<string, string>> = {}): Promise<Monolith> {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-monolith-'));
  const binary = join(folder, 'monolith');
  const env = { ...process.env, CGO_ENABLED: '0' };
  const built = spawnSync('go', ['build', '-trimpath', '-o', binary, '.'], { cwd: SOURCES, env, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the monolith does not build: ${built.stderr}`);
  const child = spawn(binary, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { HTTP_ADDR: '127.0.0.1:0', GRPC_ADDR: '127.0.0.1:0', STORE_DSN: join(folder, 'monolith.db'), ...settings },
  });
  const stop = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      log += part;
      const listening = /"msg":"listening".*"http":"([^"]+)","grpc":"([^"]+)"/.exec(log);
      if (listening === null) return;
      resolve({ httpUrl: `http://${listening[1]}`, grpcAddress: `${listening[2]}`, [Symbol.dispose]: stop });
    });
    child.once('exit', () => {
      stop();
      reject(new Error(`the monolith did not start: ${log}`));
    });
  });
}
