import { readStringField } from '../protobuf-field.ts';

const PREFIX_BYTES = 5;
/** A key is not looked for in a longer message. */
const MAX_MESSAGE_BYTES = 64 * 1024;

/** Collects the first message of a gRPC request (5 bytes of compression and length, then the message). */
export interface FirstMessage {
  /** Takes data in order; true once there is nothing more to wait for. */
  add(data: Buffer): boolean;
  /** A string field of the message; undefined while it is not whole, and when it is compressed. */
  field(number: number): string | undefined;
}

export function firstMessage(): FirstMessage {
  let bytes: Buffer = Buffer.alloc(0);
  const length = (): number => (bytes.length < PREFIX_BYTES ? Infinity : bytes.readUInt32BE(1));
  return {
    add(data) {
      bytes = bytes.length === 0 ? Buffer.from(data) : Buffer.concat([bytes, data]);
      return bytes.length >= PREFIX_BYTES + length() || bytes.length > MAX_MESSAGE_BYTES;
    },
    field(number) {
      const end = PREFIX_BYTES + length();
      return bytes.length < end || bytes[0] !== 0
        ? undefined
        : readStringField(bytes.subarray(PREFIX_BYTES, end), number);
    },
  };
}
