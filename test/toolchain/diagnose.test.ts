import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diagnose, diagnoseTool } from '../../lib/toolchain/diagnose.ts';
import type { Diagnosis, DiagnosisItem } from '../../lib/toolchain/diagnosis.ts';
import { renderDiagnosis } from '../../lib/toolchain/render-diagnosis.ts';
import { TINY_SPEC } from './support/tiny-spec.ts';
import { createWorkspace } from './support/workspace.ts';
import type { Workspace } from './support/workspace.ts';

let workspace: Workspace;

beforeEach(async () => {
  workspace = await createWorkspace();
});
afterEach(async () => {
  await workspace[Symbol.asyncDispose]();
});

describe('diagnose', () => {
  it('reports everything missing on a bare machine, each with a fix', async () => {
    const diagnosis = await diagnose(workspace.context(), { build: true });
    expect(diagnosis.ok).toBe(false);
    // PostgreSQL is looked for off PATH too, so that this machine's own may be there.
    const items = diagnosis.items.filter(({ name }) => name !== 'postgres');
    expect(items.map(({ name, status, need }) => [name, status, need])).toEqual([
      ['node', 'ok', 'required'],
      ['k6', 'missing', 'required'],
      ['toxiproxy-server', 'missing', 'required'],
      ['go', 'missing', 'reference-system'],
      ['cargo', 'missing', 'reference-system'],
      ['docker', 'missing', 'optional'],
      ['chromium', 'missing', 'optional'],
      ['prometheus', 'missing', 'optional'],
      ['promtool', 'missing', 'optional'],
    ]);
    for (const item of diagnosis.items) expect(item.fix === null).toBe(item.status === 'ok');
  });

  it('is ok with both tools, whatever else is missing, and survives JSON', async () => {
    const k6 = await workspace.script('k6', 'echo "k6 v2.2.0 (go1.26.8, linux/amd64)"');
    await workspace.script('toxiproxy-server', 'echo "toxiproxy-server version 2.9.0"');
    const docker = await workspace.script('docker', 'echo "Docker version 20.10.24+dfsg1, build 297e128"');
    await workspace.script('chromium', 'echo "cannot open display" >&2; exit 1');
    await workspace.script('cargo', 'echo "cargo 1.70.0 (abc 2023-01-01)"');
    const diagnosis = await diagnose(workspace.context(), { build: false });
    expect(diagnosis.ok).toBe(true);
    expect(byName(diagnosis, 'k6')).toMatchObject({ status: 'ok', version: '2.2.0', path: k6, source: 'path' });
    expect(byName(diagnosis, 'docker')).toMatchObject({ status: 'ok', version: '20.10.24+dfsg1', path: docker });
    expect(byName(diagnosis, 'chromium')).toMatchObject({
      status: 'unusable',
      why: 'exited with 1: cannot open display',
    });
    expect(byName(diagnosis, 'cargo')).toMatchObject({
      status: 'unusable',
      version: '1.70.0',
      why: expect.stringMatching(/^1\.70\.0 is outside >=1\.\d+$/) as string,
    });
    expect(JSON.parse(JSON.stringify(diagnosis))).toEqual(diagnosis);
  });

  it('reports an override that does not work as unusable', async () => {
    const env = { ...workspace.env, CUTOVER_K6: '/nowhere/k6' };
    const item = byName(await diagnose(workspace.context({ env }), { build: false }), 'k6');
    expect(item).toMatchObject({ status: 'unusable', why: expect.stringContaining('/nowhere/k6') as string });
    expect(item?.fix).toContain('unset it');
  });

  it('rejects on abort', async () => {
    await workspace.script('k6', 'exec /bin/sleep 600');
    const abort = new AbortController();
    const running = diagnose(workspace.context({ signal: abort.signal }), { build: false });
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('a tool that could be built', () => {
  it('is only looked for without build', async () => {
    await workspace.installGo();
    const item = await diagnoseTool(TINY_SPEC, workspace.context(), false);
    expect(item).toMatchObject({ status: 'missing', fix: 'cutover doctor' });
    expect(item.why).toMatch(/^not on PATH; not built yet; the first run builds it with Go \d/);
    expect(await readdir(workspace.folder)).toEqual(['bin']);
  });

  it('is built with build', async () => {
    await workspace.installGo();
    const item = await diagnoseTool(TINY_SPEC, workspace.context(), true);
    expect(item).toMatchObject({ status: 'ok', version: '2.2.0', source: 'built', fix: null });
  });
});

describe('renderDiagnosis', () => {
  const k6: DiagnosisItem = {
    name: 'k6',
    need: 'required',
    usedFor: 'every run',
    status: 'ok',
    version: '2.2.0',
    path: '/c/k6',
    source: 'cache',
    why: 'not on PATH; built before',
    fix: null,
  };
  const cargo: DiagnosisItem = {
    name: 'cargo',
    need: 'reference-system',
    usedFor: 'the reference system',
    status: 'missing',
    version: null,
    path: null,
    source: null,
    why: 'not on PATH',
    fix: 'rustup update stable',
  };

  it('shows what, why and what helps', () => {
    expect(renderDiagnosis({ ok: true, cacheDir: '/c', items: [k6, cargo] })).toBe(
      [
        'ok  k6    2.2.0  /c/k6',
        '          not on PATH; built before',
        '--  cargo missing (for the reference system)',
        '          not on PATH',
        '          fix: rustup update stable',
        '',
        'cache: /c',
        'ready, but not for the reference system: cargo is missing',
        '',
      ].join('\n'),
    );
  });

  it('indents a fix of several lines, and sums up what a run lacks', () => {
    const broken: DiagnosisItem = { ...k6, status: 'unusable', why: 'exited with 1', fix: 'one of:\n  a\n  b' };
    expect(renderDiagnosis({ ok: false, cacheDir: '/c', items: [broken] })).toBe(
      [
        '!!  k6 2.2.0  /c/k6',
        '       exited with 1',
        '       fix: one of:',
        '              a',
        '              b',
        '',
        'cache: /c',
        'not ready: k6 is unusable',
        '',
      ].join('\n'),
    );
  });
});

function byName({ items }: Diagnosis, name: string): DiagnosisItem | undefined {
  return items.find((item) => item.name === name);
}
