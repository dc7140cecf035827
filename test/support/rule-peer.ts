import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { RuleSettings } from '../../src/config/settings.ts';
import { Emitter } from '../../src/core/emitter.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { Conflicts } from '../../src/transfer/conflicts.ts';
import { FolderGate } from '../../src/transfer/folder-gate.ts';
import { LocalChanges } from '../../src/transfer/local-changes.ts';
import type { RuleTelling, RuleTellingEvents } from '../../src/transfer/rule-telling.ts';
import { RuleRunner } from '../../src/transfer/rule-runner.ts';
import type { Trash } from '../../src/transfer/trash.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryLan } from './memory-lan.ts';
import { ruleSettings } from './rule-settings.ts';
import { MemoryDocuments } from './memory-documents.ts';
import { TransferPeer } from './transfer-peer.ts';

/** After so many turns with changes something goes on for ever. */
const MAX_CHANGES = 200;

/** A device that downloads and follows rules; its clock stands still unless the test waits for something. */
export class RulePeer {
  readonly peer: TransferPeer;
  readonly clock = new FakeClock();
  readonly runner: RuleRunner;
  readonly trash: Trash;
  readonly conflicts: Conflicts;
  readonly documents = new MemoryDocuments();
  /** Says that all others have the same rules, unless the test says otherwise. */
  readonly telling: { readonly events: Emitter<RuleTellingEvents>; syncs: RuleTelling['syncs'] } = {
    events: new Emitter(),
    syncs: () => true,
  };
  isReady = true;
  /** Names that are ignored here. */
  ignores: (path: string) => boolean = () => false;

  private constructor(peer: TransferPeer, settings: readonly RuleSettings[]) {
    this.peer = peer;
    const { index, catalogue, downloads, folder, device } = peer;
    const fileSystem = new NodeFileSystem();
    const gate = new FolderGate(index);
    const { clock } = this;
    const common = { fileSystem, index, folder, gate, clock, logger: silentLogger };
    this.trash = peer.trash;
    const ownEntries = () => index.after(0, Infinity);
    this.conflicts = new Conflicts({ ...common, self: device, ownEntries, trash: this.trash });
    this.runner = new RuleRunner({
      ...common,
      ...{ catalogue, downloads, ownEntries },
      self: device,
      rules: settings,
      isReady: () => this.isReady,
      ignores: (path) => this.ignores(path),
      telling: this.telling,
      changes: new LocalChanges({ ...common, catalogue, trash: this.trash }),
      documents: this.documents,
    });
  }

  static async start(
    t: ExecutionContext,
    lan: MemoryLan,
    name: string,
    ...settings: Partial<RuleSettings>[]
  ): Promise<RulePeer> {
    const peer = await TransferPeer.start(t, lan, name);
    const one = new RulePeer(peer, settings.map(ruleSettings));
    t.teardown(() => one.runner.stop());
    await one.runner.start();
    return one;
  }

  /** Writes a file and has the index look at it. */
  async write(path: string, text: string): Promise<void> {
    await this.peer.write(path, Buffer.from(text));
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.peer.folder, path), { recursive: true });
    await this.peer.index.touched(parseRelativePath(path));
  }

  async makeFolder(path: string): Promise<void> {
    await mkdir(join(this.peer.folder, path), { recursive: true });
    await this.peer.index.touched(parseRelativePath(path));
  }

  /** Renames a file; as a scan does, the index sees the new name first. */
  async rename(from: string, to: string): Promise<void> {
    await mkdir(dirname(join(this.peer.folder, to)), { recursive: true });
    await rename(join(this.peer.folder, from), join(this.peer.folder, to));
    await this.peer.index.touched(parseRelativePath(to));
    await this.peer.index.touched(parseRelativePath(from));
  }

  /** Contents of the files in the folder, by path; folders end in `/`. */
  async files(below = ''): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const item of await readdir(join(this.peer.folder, below), { withFileTypes: true })) {
      const path = below + item.name;
      if (path === '.compartidos') continue;
      if (item.isDirectory()) {
        found[`${path}/`] = '';
        Object.assign(found, await this.files(`${path}/`));
      } else {
        // It may be moved while we look.
        const bytes = await this.peer.read(path).catch(() => undefined);
        if (bytes) found[path] = bytes.toString();
      }
    }
    return found;
  }

  /** Contents in the trash. */
  async discarded(): Promise<string[]> {
    const items = await this.trash.list();
    return Promise.all(
      items.map(async ({ id }) => (await this.peer.read(`.compartidos/trash/${id}`)).toString()),
    );
  }
}

/** Everybody is connected to everybody and tells everybody at once what changes. */
export function joinAll(...peers: readonly RulePeer[]): void {
  peers[0]!.peer.lan.connectAll();
  for (const { peer } of peers) {
    const others = peers.filter((other) => other.peer !== peer);
    peer.announceTo(...others.map((other) => other.peer));
    peer.index.events.on('changed', (entries) => {
      for (const other of others) other.peer.catalogue.announce(peer.device, peer.name, entries);
    });
  }
}

/** Ana follows rules, Ben has things; they are connected. */
export async function ruleFollower(t: ExecutionContext, ...rules: Partial<RuleSettings>[]) {
  const lan = new MemoryLan();
  const ana = await RulePeer.start(t, lan, 'ana', ...rules);
  const ben = await RulePeer.start(t, lan, 'ben');
  joinAll(ana, ben);
  /** Whether Ana has this. */
  const has = (path: string, text: string) => async () => (await ana.files())[path] === text;
  return { lan, ana, ben, both: [ana, ben], has };
}

/** Lets time pass for all until `isSo`: not while something is on its way, which takes no time here. */
export async function until(
  peers: readonly RulePeer[],
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  while (!(await isSo())) await pass(peers);
}

/** Lets enough time pass, after the last change, for whatever is to happen. Rejects when there is no last one. */
export async function quiet(peers: readonly RulePeer[]): Promise<void> {
  let before = -1;
  let changes = 0;
  for (let still = 0; still < 40; still += 1) {
    await pass(peers);
    const now = peers.reduce((sum, { peer }) => sum + peer.index.sequence, 0);
    if (now !== before) changes += 1;
    if (changes > MAX_CHANGES) throw new Error('it does not fall quiet');
    if (now !== before || isBusy(peers)) still = 0;
    before = now;
  }
}

async function pass(peers: readonly RulePeer[]): Promise<void> {
  // Nothing but the turn of those who give way to others: a slow disk must not bring about what a minute would.
  const ms = isBusy(peers) ? 0 : 100;
  for (const { clock } of peers) await clock.advance(ms);
}

function isBusy(peers: readonly RulePeer[]): boolean {
  return peers.some(({ peer, runner }) => peer.downloads.active > 0 || !runner.isIdle);
}
