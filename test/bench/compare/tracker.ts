import { createServer } from 'node:http';

/** A BitTorrent tracker for one torrent (BEP 3, BEP 23): tells all who ask of each other. The port is its argument. */
const peers = new Map<string, Buffer>();

createServer(({ url, socket }, response) => {
  const port = Number(new URL(url ?? '', 'http://tracker').searchParams.get('port'));
  const address = (socket.remoteAddress ?? '').split('.').map(Number);
  peers.set(address.join('.'), Buffer.from([...address, port >> 8, port & 255]));
  const compact = Buffer.concat([...peers.values()]);
  const head = Buffer.from(`d8:intervali60e5:peers${compact.length}:`);
  response.end(Buffer.concat([head, compact, Buffer.from('e')]));
}).listen(Number(process.argv[2]), '0.0.0.0');
