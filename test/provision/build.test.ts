import { readFile, readdir, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { processServiceSchema } from '../../lib/plan/schema/system.ts';
import { buildArtifact } from '../../lib/provision/build.ts';
import { type TestContext, testContext, testGuard } from '../helpers/run-context.ts';
import { until } from '../helpers/until.ts';

let context: TestContext;
beforeEach(async () => {
  context = await testContext();
});
afterEach(() => context[Symbol.asyncDispose]());

async function build(script: string, more: object = {}, folder = 'a') {
  const root = join(dirname(context.folder), folder);
  await mkdir(root, { recursive: true });
  const service = processServiceSchema.parse({
    process: {
      command: ['{{artifact}}'],
      build: { command: ['sh', '-c', script], artifact: 'out/tool', ...more },
    },
  });
  const guard = testGuard();
  if (service.process.build === undefined) throw new Error('no build');
  try {
    return await buildArtifact({
      service: 'shop',
      build: service.process.build,
      root,
      resolve: (text) => text.replaceAll('{{cache}}', context.cacheDir),
      context,
      guard,
    });
  } finally {
    expect(guard.held).toEqual(new Set());
  }
}

describe('buildArtifact', () => {
  test('keeps what was built under its content’s hash', async () => {
    const one = await build('mkdir -p out && echo one > out/tool && chmod +x out/tool');
    expect(one).toMatch(/\/cache\/artifacts\/[0-9a-f]{64}\/tool$/);
    // A build of other content elsewhere, and even in the same place, leaves the first alone.
    const two = await build('mkdir -p out && echo two > out/tool', {}, 'b');
    const again = await build('echo three > out/tool');
    expect(new Set([one, two, again]).size).toBe(3);
    expect(await readFile(one, 'utf8')).toBe('one\n');
    expect(await build('echo one > out/tool', {}, 'b')).toBe(one);
    expect(await readdir(join(context.cacheDir, 'artifacts'))).toHaveLength(3);
  });

  test('runs in its folder with the user’s environment and its own', async () => {
    await mkdir(join(dirname(context.folder), 'a', 'src'), { recursive: true });
    const artifact = await build('mkdir -p ../out && echo "$PATH $WHERE $(basename $PWD)" > ../out/tool', {
      cwd: 'src',
      env: { WHERE: '{{cache}}' },
    });
    expect(await readFile(artifact, 'utf8')).toBe(`${process.env['PATH']} ${context.cacheDir} src\n`);
  });

  test('shows the log’s last lines when it fails', async () => {
    await expect(build('echo first; echo "error: no such type" >&2; exit 3')).rejects.toMatchObject({
      code: 'build-failed',
      message: expect.stringMatching(/service "shop" failed \(exit code 3\)[^]*error: no such type/) as unknown,
    });
  });

  test('says when it made nothing', async () => {
    await expect(build('true')).rejects.toMatchObject({
      code: 'build-failed',
      message: expect.stringContaining('made no file') as unknown,
    });
  });

  test('ends a build that takes too long, with all its children', async () => {
    await expect(build('sleep 60 & sleep 60', { timeout: '200ms' })).rejects.toThrow('took longer than 200ms');
  });

  test('names the command that is missing', async () => {
    await expect(build('', { command: ['no-such-compiler', 'build'] })).rejects.toMatchObject({
      code: 'command-not-found',
      message: expect.stringContaining('"no-such-compiler"') as unknown,
      hint: expect.stringContaining('install no-such-compiler') as unknown,
    });
  });

  test('stops when the run is stopped', async () => {
    const building = build('echo started; sleep 60');
    const log = join(context.folder, 'logs', 'build-shop.log');
    await until('it runs', async () => (await readFile(log, 'utf8').catch(() => '')).includes('started'));
    context.abort();
    await expect(building).rejects.toMatchObject({ code: 'aborted' });
  });

  test('builds of the same file wait for one another', async () => {
    // Each fails if the other one is inside at the same time.
    const script = 'mkdir inside || exit 9; sleep 0.2; mkdir -p out; echo x > out/tool; rmdir inside';
    await Promise.all([build(script), build(script), build(script)]);
    expect(context.said.filter((line) => line.includes('waiting for the build of process'))).not.toEqual([]);
  });
});

test('a draft that was left behind is never taken for an artifact', async () => {
  await mkdir(join(context.cacheDir, 'artifacts'), { recursive: true });
  await writeFile(join(context.cacheDir, 'artifacts', 'draft-x'), 'half');
  const artifact = await build('mkdir -p out && echo whole > out/tool');
  expect(await readFile(artifact, 'utf8')).toBe('whole\n');
});
