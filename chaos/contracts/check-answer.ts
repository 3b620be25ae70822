import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { OpenapiDocument, Operation, Schema } from './openapi-document.ts';
import { partsOf } from './schema-parts.ts';

/** What a client of the contract could not make out of an answer. */
export interface AnswerProblem {
  /** JSON pointer of the field, "status" or "content-type". */
  readonly field: string;
  readonly text: string;
}

export interface HttpAnswer {
  readonly status: string;
  readonly items: readonly unknown[];
  readonly headers?: Readonly<Record<string, string>>;
}

const MOST_TEXT = 200;

/** Checks answers against what the document says of each operation. */
export class AnswerChecker {
  readonly #document: OpenapiDocument;
  // Formats are notes for people here: int64 is none of JSON Schema's own.
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true, validateSchema: false });
  readonly #validators = new Map<Schema, ValidateFunction>();

  constructor(document: OpenapiDocument) {
    this.#document = document;
  }

  /** A client's request must succeed, in one of the documented ways. */
  problemsOf({ responses }: Operation, { status, items, headers }: HttpAnswer): readonly AnswerProblem[] {
    const code = /^HTTP (\d{3})$/.exec(status)?.[1];
    if (code?.startsWith('2') !== true)
      return [{ field: 'status', text: cut(`${status} ${JSON.stringify(items[0] ?? '')}`) }];
    const content = responses[code] ?? responses['2XX'];
    if (content === undefined) {
      return [{ field: 'status', text: `${status}, documented: ${Object.keys(responses).join(', ')}` }];
    }
    const types = Object.keys(content);
    if (types.length === 0) return [];
    const sent = (headers?.['content-type'] ?? '').split(';')[0]?.trim() ?? '';
    const type = types.find((one) => one === sent);
    if (type === undefined) return [{ field: 'content-type', text: `"${sent}", documented: ${types.join(', ')}` }];
    return this.#invalid(type, content[type]?.schema ?? true, items);
  }

  #invalid(type: string, schema: Schema, items: readonly unknown[]): readonly AnswerProblem[] {
    if (!/json/.test(type)) return [];
    const lines = /ndjson|jsonl|json-seq/.test(type);
    if (!lines && partsOf(this.#document, schema)['type'] === 'array') return this.#validate(schema, items);
    if (!lines && items.length !== 1) return [{ field: '/', text: `${items.length} values, documented: one` }];
    return items.flatMap((item) => this.#validate(schema, item));
  }

  #validate(schema: Schema, value: unknown): readonly AnswerProblem[] {
    const known = this.#validators.get(schema);
    // References in a schema start at the document's root.
    const { components } = this.#document;
    const validate = known ?? this.#ajv.compile(typeof schema === 'boolean' ? schema : { ...schema, components });
    this.#validators.set(schema, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, params, message = '' }) => {
      const missing = (params as { readonly missingProperty?: string }).missingProperty;
      const field = missing === undefined ? instancePath : `${instancePath}/${missing}`;
      return { field: field === '' ? '/' : field.replaceAll(/\/\d+(?=\/|$)/g, '/*'), text: cut(message) };
    });
  }
}

function cut(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT - 1)}…` : text;
}
