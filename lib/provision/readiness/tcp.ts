import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { type ReadinessProbe, describeFailure } from './probe.ts';

/** Ready when a connection to "host:port" is accepted. */
export function tcpReadiness(address: string): ReadinessProbe {
  return {
    title: `connect to ${address}`,
    async ask(signal) {
      let socket: Socket | undefined;
      try {
        const { hostname, port } = new URL(`tcp://${address}`);
        socket = connect({ host: hostname.replaceAll(/^\[|\]$/g, ''), port: Number(port) });
        // An error that comes after the answer is nobody's concern.
        socket.on('error', () => {});
        await once(socket, 'connect', { signal });
        return { ready: true, text: 'connected' };
      } catch (error) {
        return { ready: false, text: signal.aborted ? 'no answer' : describeFailure(error) };
      } finally {
        socket?.destroy();
      }
    },
  };
}
