/** Folders of the main config's services, for a config two folders below it. */
export function fromHere<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll('"cwd":"services/', '"cwd":"../../services/')) as T;
}
