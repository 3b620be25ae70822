import type { DrillRequestSpec, Json } from '../../lib/plan/schema/requests.ts';

const PLACEHOLDER = /\{\{\s*([^{}]+?)\s*\}\}/g;

/**
 * The request with values in place of the placeholders that have one; the others stay. A text of a body or a message that is
 * nothing but a placeholder becomes the value itself.
 */
export function fillIn(spec: DrillRequestSpec, values: Readonly<Record<string, Json>>): DrillRequestSpec {
  if ('http' in spec) {
    const { url, headers, body } = spec.http;
    return {
      http: {
        ...spec.http,
        url: fillText(url, values),
        headers: fillTexts(headers, values),
        ...(body === undefined ? {} : { body: fillJson(body, values) }),
      },
    };
  }
  const { address, message, metadata } = spec.grpc;
  return {
    grpc: {
      ...spec.grpc,
      address: fillText(address, values),
      message: fillJson(message, values) as Readonly<Record<string, Json>>,
      metadata: fillTexts(metadata, values),
    },
  };
}

export function fillJson(value: Json, values: Readonly<Record<string, Json>>): Json {
  if (typeof value === 'string') {
    const name = /^\{\{\s*([^{}]+?)\s*\}\}$/.exec(value)?.[1];
    if (name !== undefined && Object.hasOwn(values, name)) return values[name] ?? null;
    return fillText(value, values);
  }
  if (Array.isArray(value)) return value.map((element: Json) => fillJson(element, values));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, fillJson(element, values)]));
  }
  return value;
}

export function fillText(text: string, values: Readonly<Record<string, Json>>): string {
  return text.replaceAll(PLACEHOLDER, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

function fillTexts(
  texts: Readonly<Record<string, string>>,
  values: Readonly<Record<string, Json>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fillText(text, values)]));
}
