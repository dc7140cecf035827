import { blockCount } from '../../src/model/block-layout.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import { BlockMap } from '../../src/transfer/block-map.ts';
import { Interruption } from '../../src/transfer/interruption.ts';
import { Pull } from '../../src/transfer/pull.ts';
import { deviceNamed, fileEntry } from './entries.ts';

/** A pull by `self` of the file `path`, of which nothing is here and each of `devices` is a source. */
export function pullOf(
  path: string,
  devices: readonly DeviceId[],
  { size = 1000, rank = 0 }: { readonly size?: number; readonly rank?: number } = {},
): Pull {
  const content = fileEntry(path, { size });
  const have = new BlockMap(blockCount(size));
  const want = { content, have, devices, rank, write: () => undefined, interruption: new Interruption() };
  const pull = new Pull(want, deviceNamed('self'));
  pull.setSources(devices.map((device) => ({ device, path: content.path, have: undefined })));
  return pull;
}
