import { createHmac, randomBytes } from 'node:crypto';

/** The secrets that the reference system's tokens are signed with, new in each process. */
export const secrets = { client: randomBytes(32).toString('hex'), service: randomBytes(32).toString('hex') };

/** Whom a token of the reference system is for: clients of the monolith, and calls between the two services. */
export type Audience = 'orders' | 'orders-replication' | 'engine';

const DAY_SECONDS = 86_400;

/** What a client of the monolith sends; good for one day. */
export function clientToken(): string {
  return token({ audience: 'orders', secret: secrets.client });
}

/** What a service sends to the one that the audience names. */
export function serviceToken(audience: Audience = 'engine'): string {
  return token({ audience, secret: secrets.service });
}

/** A token (JWT, HS256): of another time, audience or secret than it should be, it must be refused. */
export function token({
  audience,
  secret,
  expiresInSeconds = DAY_SECONDS,
}: {
  readonly audience: string;
  readonly secret: string;
  /** From now on; less than 0: it has expired. */
  readonly expiresInSeconds?: number;
}): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const expires = Math.floor(Date.now() / 1_000) + expiresInSeconds;
  const unsigned = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: 'load', aud: audience, exp: expires })}`;
  return `${unsigned}.${createHmac('sha256', secret).update(unsigned).digest('base64url')}`;
}

/** A client's token of yesterday. */
export function expiredToken(audience: Audience = 'orders'): string {
  return token({ audience, secret: secretOf(audience), expiresInSeconds: -3_600 });
}

/** A good signature, for somebody else. */
export function wrongAudienceToken(audience: Audience = 'orders'): string {
  return token({ audience: `not-${audience}`, secret: secretOf(audience) });
}

/** Signed with a secret that is not the system's. */
export function forgedToken(audience: Audience = 'orders'): string {
  return token({ audience, secret: randomBytes(32).toString('hex') });
}

/** As headers or metadata. */
export function bearer(value: string): { readonly authorization: string } {
  return { authorization: `Bearer ${value}` };
}

function secretOf(audience: Audience): string {
  return audience === 'orders' ? secrets.client : secrets.service;
}
