import { IndexExchange, type IndexExchangeParts } from '../../src/catalogue/index-exchange.ts';
import { PeerCatalogue, type PeerCatalogueParts } from '../../src/catalogue/peer-catalogue.ts';
import { silentLogger } from '../../src/core/logger.ts';
import type { Database } from '../../src/index/database.ts';
import { EntryTable } from '../../src/index/entry-table.ts';
import { RemoteStore } from '../../src/index/remote-store.ts';
import { RowReader } from '../../src/index/row-reader.ts';
import { openAccess } from '../../src/security/access-policy.ts';
import { deviceNamed } from './entries.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeLocalIndex } from './fake-local-index.ts';
import { FakeNetwork } from './fake-network.ts';
import { testDatabase } from './test-database.ts';

/** One device, from its index to its catalogue, on a fake network. */
export interface CatalogueNode {
  readonly database: Database;
  readonly network: FakeNetwork;
  readonly index: FakeLocalIndex;
  readonly catalogue: PeerCatalogue;
  readonly exchange: IndexExchange;
  stop(): Promise<void>;
}

export async function catalogueNode(
  name: string,
  clock = new FakeClock(),
  parts: Partial<IndexExchangeParts> &
    Pick<PeerCatalogueParts, 'maxStored' | 'minFree'> &
    Partial<Pick<PeerCatalogueParts, 'rows'>> = {},
  database = testDatabase(),
): Promise<CatalogueNode> {
  const network = new FakeNetwork(deviceNamed(name), name);
  const table = new EntryTable(database);
  const index = new FakeLocalIndex(database, table);
  const catalogue = new PeerCatalogue({
    network,
    remote: new RemoteStore(database, table),
    rows: parts.rows ?? new RowReader(database),
    clock,
    ...(parts.maxStored !== undefined && { maxStored: parts.maxStored }),
    ...(parts.minFree !== undefined && { minFree: parts.minFree }),
  });
  const exchange = new IndexExchange({
    network,
    index,
    catalogue,
    access: openAccess,
    clock,
    logger: silentLogger,
    queryIntervalMs: 30_000,
    ...parts,
  });
  await catalogue.start();
  await exchange.start();
  const stop = async () => {
    await exchange.stop();
    await catalogue.stop();
    database.close();
  };
  return { database, network, index, catalogue, exchange, stop };
}
