import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from './mover.ts';
import type { Reference } from './reference.ts';

const PIECE_BYTES = 1024 * 1024;
const PORT = 6881;
const TRACKER_PORT = 6969;
const TRACKER = join(import.meta.dirname, 'tracker.js');
const QUIET =
  '--console-log-level=error --summary-interval=0 --show-console-readout=false --download-result=hide';
const OPTIONS =
  `${QUIET} --file-allocation=none --listen-port=${PORT} ` +
  '--enable-dht=false --enable-dht6=false --enable-peer-exchange=true';

/** One aria2 that has the file and others that want it; the torrent is made before the clock starts. */
export const bittorrent: Reference = {
  name: 'BitTorrent (aria2)',
  encrypted: false,
  programs: ['aria2c'],
  can: ({ receivers = 1, singleFile, before }) => receivers > 1 && singleFile && before === undefined,
  servesWhatIsThere: true,
  serve(place) {
    const announce = `http://${place.source.host.address}:${TRACKER_PORT}/announce`;
    writeFileSync(torrentOf(place), torrent(join(place.source.folder, 'payload'), announce));
    place.source.host.spawn(process.execPath, [TRACKER, String(TRACKER_PORT)]);
    const up = `until (exec 3<>/dev/tcp/127.0.0.1/${TRACKER_PORT}) 2>/dev/null; do sleep 0.02; done`;
    const seed = `exec aria2c ${OPTIONS} --bt-seed-unverified=true --seed-ratio=0`;
    return {
      command: 'bash',
      args: ['-c', `${up}; ${seed} -d ${place.source.folder} ${torrentOf(place)}`],
      port: PORT,
    };
  },
  fetch: (place, { folder }) => `aria2c ${OPTIONS} --seed-time=0 -d ${folder} ${torrentOf(place)}`,
};

const torrentOf = ({ scratch }: Place): string => join(scratch, 'payload.torrent');

/** A torrent of one file, named `payload` (BEP 3). */
function torrent(path: string, announce: string): Buffer {
  const file = openSync(path, 'r');
  const piece = Buffer.alloc(PIECE_BYTES);
  const hashes: Buffer[] = [];
  let size = 0;
  for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
    hashes.push(createHash('sha1').update(piece.subarray(0, read)).digest());
    size += read;
  }
  closeSync(file);
  const info = `d6:lengthi${size}e4:name7:payload12:piece lengthi${PIECE_BYTES}e6:pieces${hashes.length * 20}:`;
  const head = `d8:announce${announce.length}:${announce}4:info${info}`;
  return Buffer.concat([Buffer.from(head), ...hashes, Buffer.from('ee')]);
}
