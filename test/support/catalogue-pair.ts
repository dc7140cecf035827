import type { ExecutionContext } from 'ava';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { catalogueNode, type CatalogueNode } from './catalogue-node.ts';
import { fileEntry } from './entries.ts';
import { FakeClock } from './fake-clock.ts';

export interface Pair {
  readonly clock: FakeClock;
  readonly ana: CatalogueNode;
  readonly luis: CatalogueNode;
}

/** Two devices that have not met. `parts` are those of Ana. */
export async function pair(
  t: ExecutionContext,
  parts: Parameters<typeof catalogueNode>[2] = {},
): Promise<Pair> {
  const clock = new FakeClock();
  const ana = await catalogueNode('Ana', clock, parts);
  const luis = await catalogueNode('Luis', clock);
  t.teardown(() => Promise.all([ana.stop(), luis.stop()]));
  return { clock, ana, luis };
}

/** Checks that `node` knows exactly what `of` has. */
export function assertKnows(t: ExecutionContext, node: CatalogueNode, of: CatalogueNode): void {
  const { device } = of.network;
  const entries = of.index.after(0, 1_000_000);
  for (const entry of entries) t.deepEqual(node.catalogue.get(device, entry.path), entry);
  const { indexId, sequence } = of.index;
  t.like(node.catalogue.totals(device), { indexId, sequence, entries: entries.length });
}

/** So many files, `file 0` and so on. */
export function files(count: number, fields: Partial<FileEntry> = {}): FileEntry[] {
  return Array.from({ length: count }, (_, at) => fileEntry(`file ${at}`, fields));
}
