/** What of an answer is compared. */
export interface ComparableAnswer {
  readonly status: string;
  readonly items: readonly unknown[];
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly trailers?: Readonly<Record<string, string>> | undefined;
}

/** The fields of an answer by their own names ("status", "header x", "trailer x", "/lines/[0]/sku"), each as JSON text. */
export function fieldsOf({ status, items, headers = {}, trailers = {} }: ComparableAnswer): Map<string, string> {
  const fields = new Map([['status', status]]);
  for (const [name, value] of Object.entries(headers)) fields.set(`header ${name}`, value);
  for (const [name, value] of Object.entries(trailers)) fields.set(`trailer ${name}`, value);
  addLeaves(items.length === 1 ? items[0] : items, '', fields);
  return fields;
}

/**
 * The fields in which two answers differ, with * for each place in a list. One that only one of them has is a difference; so is
 * a number where there was a text.
 */
export function differingFields(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
  ignore: readonly string[],
): Set<string> {
  const differing = new Set<string>();
  for (const [name, value] of one) {
    if (other.get(name) !== value) differing.add(generalised(name));
  }
  for (const name of other.keys()) {
    if (!one.has(name)) differing.add(generalised(name));
  }
  for (const field of differing) {
    if (isIgnored(field, ignore)) differing.delete(field);
  }
  return differing;
}

/** Which of a list's elements it is does not matter: "/lines/[3]/sku" becomes the field of all of them. */
export function generalised(name: string): string {
  return name.startsWith('/') ? name.replaceAll(/\/\[\d+\](?=\/|$)/g, '/*') : name;
}

/** Named as a whole, by what is above it, or by one of its parts alone. */
export function isIgnored(field: string, ignore: readonly string[]): boolean {
  return ignore.some(
    (entry) =>
      entry === field ||
      (entry.startsWith('/')
        ? field.startsWith(`${entry}/`)
        : field.startsWith('/') && field.split('/').includes(entry)),
  );
}

function addLeaves(value: unknown, path: string, fields: Map<string, string>): void {
  if (Array.isArray(value) && value.length > 0) {
    for (const [index, inner] of value.entries()) addLeaves(inner, `${path}/[${index}]`, fields);
  } else if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0) {
    for (const [key, inner] of Object.entries(value)) {
      addLeaves(inner, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, fields);
    }
  } else if (path !== '' || !Array.isArray(value)) {
    // An answer without a body has no field for it.
    fields.set(path === '' ? '/' : path, JSON.stringify(value) ?? 'undefined');
  }
}
