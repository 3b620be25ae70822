declare module 'snappyjs' {
  /** Throws on a malformed stream, or when more than `maxLength` bytes would come out. */
  export function uncompress(compressed: Uint8Array, maxLength?: number): Uint8Array;
  export function compress(uncompressed: Uint8Array): Uint8Array;
}
