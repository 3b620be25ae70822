export interface Address {
  readonly host: string;
  readonly port: number;
}

/** "host:port" or "[::1]:port"; undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9a-f:.%]+)\]|([^[\]:/\s]+)):(\d{1,5})$/i.exec(text);
  if (match === null) return undefined;
  const [, ipv6, name, port] = match;
  return Number(port) > 65_535 ? undefined : { host: ipv6 ?? name ?? '', port: Number(port) };
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
