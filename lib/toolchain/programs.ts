import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { GO_VERSION_QUESTION, goLine, installGo } from './go.ts';
import type { Program } from './program.ts';
import { PROMETHEUS, PROMTOOL } from './prometheus.ts';

const SERVICES = new URL('../../services/', import.meta.url);

/** The programs that a machine may have beside the tools, with the versions that the reference system asks for. */
export async function listPrograms(): Promise<readonly Program[]> {
  const [goAtLeast, rustAtLeast] = await Promise.all([referenceGo(), referenceRust()]);
  return [
    {
      name: 'go',
      need: 'reference-system',
      usedFor: 'the reference system; building k6 and toxiproxy-server where they are missing',
      commands: ['go'],
      ...GO_VERSION_QUESTION,
      range: goAtLeast === undefined ? undefined : { atLeast: goAtLeast },
      install: installGo(goAtLeast ?? '1.25.0'),
    },
    {
      name: 'cargo',
      need: 'reference-system',
      usedFor: 'the reference system',
      commands: ['cargo'],
      versionArguments: ['--version'],
      versionPattern: /^cargo (\d\S*)/m,
      range: rustAtLeast === undefined ? undefined : { atLeast: rustAtLeast },
      install: 'rustup update stable; without rustup, install it from https://rustup.rs',
    },
    {
      name: 'docker',
      need: 'optional',
      usedFor: 'systems and tools in containers',
      commands: ['docker'],
      versionArguments: ['--version'],
      versionPattern: /\bversion (\d[^\s,]*)/,
      install: 'install Docker Engine: https://docs.docker.com/engine/install/, or: apt-get install docker.io',
    },
    {
      name: 'chromium',
      need: 'optional',
      usedFor: 'browser scenarios',
      commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
      versionArguments: ['--version'],
      versionPattern: /\b(\d+\.\d+\.\d+)/,
      install: 'apt-get install chromium, or: brew install --cask chromium',
    },
    PROMETHEUS,
    PROMTOOL,
    {
      name: 'postgres',
      need: 'optional',
      usedFor: 'the reference system on PostgreSQL',
      commands: ['postgres'],
      folders: ['/usr/lib/postgresql/*/bin', '/opt/homebrew/opt/postgresql@*/bin'],
      versionArguments: ['--version'],
      versionPattern: /\(PostgreSQL\) (\d[^\s,]*)/,
      install: 'apt-get install postgresql, or: brew install postgresql',
    },
  ];
}

/** Undefined where the reference system is not part of the installation. */
async function referenceGo(): Promise<string | undefined> {
  return goLine(fileURLToPath(new URL('monolith/go.mod', SERVICES))).catch(() => undefined);
}

async function referenceRust(): Promise<string | undefined> {
  const manifest = await readFile(new URL('engine/Cargo.toml', SERVICES), 'utf8').catch(() => '');
  return /^rust-version = "([^"]+)"$/m.exec(manifest)?.[1];
}
