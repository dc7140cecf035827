import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';

/** A TCP relay on this machine that can stop carrying bytes without closing anything, as a cut cable does. */
export interface CuttableLink {
  readonly port: number;
  cut(): void;
}

export async function cuttableLink(t: ExecutionContext, target: number): Promise<CuttableLink> {
  const sockets: Socket[] = [];
  let isCut = false;
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: target });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.push(from);
      from.on('error', () => {});
      from.on('data', (bytes) => {
        if (!isCut) to.write(bytes);
      });
      from.on('close', () => {
        if (!isCut) to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, cut: () => (isCut = true) };
}
