/** Whether a call is among those named; a trailing * matches any end. None named: all are. */
export function isAmongOperations(operation: string, names: readonly string[] | undefined): boolean {
  if (names === undefined) return true;
  return names.some((name) => (name.endsWith('*') ? operation.startsWith(name.slice(0, -1)) : operation === name));
}
