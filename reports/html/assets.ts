import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What the page needs in itself: plain text that cannot end its own element. */
export interface ClientAssets {
  readonly style: string;
  readonly script: string;
}

/** In the order of the cascade. */
const STYLES = ['tokens', 'layout', 'verdict', 'tables', 'charts', 'marks', 'drills', 'details', 'narrow', 'print'];

/** Reads the styles and bundles the client script with uPlot, as installed. */
export async function loadClientAssets(): Promise<ClientAssets> {
  const [script, uplot, own] = await Promise.all([
    bundleClient(),
    readFile(createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css'), 'utf8'),
    loadStyle(),
  ]);
  return { style: `${inert(uplot)}\n${own}`, script };
}

/** The styles alone, for a page without a script; `more` are those that it alone needs. */
export async function loadStyle(more: readonly string[] = []): Promise<string> {
  const own = await Promise.all(
    [...STYLES, ...more].map(async (name) => await readFile(new URL(`styles/${name}.css`, import.meta.url), 'utf8')),
  );
  return inert(own.join('\n'));
}

function inert(style: string): string {
  return style.replaceAll('</', String.raw`<\/`);
}

async function bundleClient(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('client/main.js', import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'ascii',
    legalComments: 'inline',
    // esbuild writes "</script" as "<\/script" in strings itself.
    logLevel: 'silent',
    tsconfigRaw: {},
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('esbuild made no output for the report’s script');
  return file.text;
}
