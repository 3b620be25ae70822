import grpc, { type Client } from 'k6/net/grpc';

/** A server and its contract, as one virtual user sees them. */
export interface GrpcChannel {
  readonly client: Client;
  /** Connects where there is no connection yet; throws what k6 does when the server cannot be reached. */
  connect(): void;
}

export interface GrpcTarget {
  /** "host:port". */
  readonly address: string;
  /** The folder of the .proto files, relative to the script, and the files in it. */
  readonly protoPath: string;
  readonly protoFiles: readonly string[];
  /** Default: TLS. */
  readonly plaintext?: boolean;
  /** How long connecting may take (k6 duration); default "60s". */
  readonly timeout?: string;
}

/**
 * For the init stage: k6 reads contracts only there. The first operation on the channel connects. Each channel keeps types of
 * its own, so that two versions of one package may be in use side by side.
 */
export function grpcChannel({ address, protoPath, protoFiles, plaintext = false, timeout }: GrpcTarget): GrpcChannel {
  const client = new grpc.Client();
  client.load([protoPath], ...protoFiles);
  let connected = false;
  return {
    client,
    connect() {
      if (connected) return;
      client.connect(address, { plaintext, ...(timeout === undefined ? {} : { timeout }) });
      connected = true;
    },
  };
}
