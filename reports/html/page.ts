import { createHash } from 'node:crypto';
import type { Outcome } from '../model/verdict.ts';
import { favicon } from './icons.ts';
import { type Markup, html, raw } from './markup.ts';

export interface Page {
  readonly title: string;
  readonly outcome: Outcome;
  /** In the title, where the outcome is no verdict. */
  readonly word?: string;
  readonly style: string;
  /** The page's script and what it reads (JSON); a page without has charts that stand still alone. */
  readonly client?: { readonly script: string; readonly data: string };
  readonly body: readonly (Markup | undefined)[];
}

/**
 * One HTML file that asks nothing of the network: styles, script and data are in it. Its content policy allows this very style
 * and this very script, so that nothing that comes from the system under test could ever run.
 */
export function renderPage({ title, outcome, word = outcome.toUpperCase(), style, client, body }: Page): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${contentPolicy(style, client?.script)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${word}: ${title} – cutover</title>
        <link rel="icon" href="${favicon(outcome)}" />
        ${inlined('style', style)}
      </head>
      <body>
        <main>${body.map((part) => html`${part} `)}</main>
        ${
          client === undefined
            ? ''
            : html`<script type="application/json" id="chart-data">
                  ${raw(client.data)}
                </script>
                ${inlined('script', client.script)}`
        }
      </body>
    </html> `;
  return page.text;
}

/** An element whose text is to the byte what the content policy has the hash of. */
function inlined(name: 'style' | 'script', text: string): Markup {
  return raw(`<${name}>${text}</${name}>`);
}

function contentPolicy(style: string, script: string | undefined): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    script === undefined ? "script-src 'none'" : `script-src ${hash(script)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
