import type {
  AgentApi,
  AgentEvents,
  AgentStatus,
  CheckView,
  ConflictView,
  DownloadView,
  FileSelector,
  FileView,
  PeerView,
  RuleTestView,
  TrashView,
} from '../agent-api.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ClassicPeers } from '../catalogue/classic-peers.ts';
import { Emitter } from '../core/emitter.ts';
import { CompartidosError } from '../core/errors.ts';
import type { LocalIndex } from '../index/local-index.ts';
import type { DeviceId } from '../model/device-id.ts';
import { isGlob } from '../model/glob.ts';
import { parseRelativePath, pathProblem, type RelativePath } from '../model/relative-path.ts';
import type { Downloads } from '../transfer/downloads.ts';
import type { DownloadHandle } from '../transfer/download-telling.ts';
import type { FolderGate } from '../transfer/folder-gate.ts';
import type { KeepingApi } from './keeping.ts';
import { matchingPeers, select, type Selected } from './selection.ts';
import { classicFileView, classicPeerName, classicPeerView, foundFileView, peerView } from './views.ts';

export interface AgentServiceParts {
  /** Absolute. */
  readonly stateFolder: string;
  readonly catalogue: Catalogue;
  readonly classicPeers: ClassicPeers;
  readonly index: LocalIndex;
  readonly downloads: Downloads;
  readonly gate: FolderGate;
  readonly keeping: KeepingApi;
  /** Lets the rules go on that the brake has stopped. */
  readonly releaseRules: () => Promise<void>;
  readonly status: () => AgentStatus;
  /** Begins an orderly stop. */
  readonly stop: () => void;
}

type Request = () => Iterable<DownloadHandle> | AsyncIterable<DownloadHandle>;

/** What faces ask, answered by the parts of the agent. */
export class AgentService implements AgentApi {
  readonly events = new Emitter<AgentEvents>();
  readonly #all: AgentServiceParts;
  #isClosed = false;

  constructor(parts: AgentServiceParts) {
    this.#all = parts;
  }

  /** From now on each call but `stop` rejects with NO_AGENT: the parts can answer nothing any more. */
  close(): void {
    this.#isClosed = true;
  }

  get #parts(): AgentServiceParts {
    if (this.#isClosed) throw new CompartidosError('NO_AGENT', { folder: this.#all.stateFolder });
    return this.#all;
  }

  async status(): Promise<AgentStatus> {
    return this.#parts.status();
  }

  async peers(): Promise<PeerView[]> {
    const { catalogue, classicPeers } = this.#parts;
    return [...catalogue.peers().map(peerView), ...classicPeers.peers().map(classicPeerView)];
  }

  async list(glob?: string): Promise<FileView[]> {
    const options = { limit: Infinity, from: 'ourselves' } as const;
    const files = await this.#parts.catalogue.find(glob ?? '', options);
    return files.map(foundFileView);
  }

  async find(query: string): Promise<FileView[]> {
    const { catalogue, classicPeers } = this.#parts;
    const found = (await catalogue.find(query, { limit: Infinity })).map(foundFileView);
    if (isGlob(query) || pathProblem(query) !== undefined || found.some(({ path }) => path === query))
      return found;
    const holders = await classicPeers.seek(query);
    return holders.length > 0 ? [...found, classicFileView(query, holders)] : found;
  }

  async get(
    selectors: readonly FileSelector[],
    options: { readonly from?: string } = {},
  ): Promise<DownloadView[]> {
    const { from: name } = options;
    const isClassic = name !== undefined && this.#isClassic(name);
    const from = name === undefined || isClassic ? undefined : this.#peerNamed(name);
    // Nothing is asked for before all that was named has been found.
    const requests: Request[] = [];
    for (const selector of selectors) {
      requests.push(
        isClassic ? await this.#classicRequest(selector.path, name) : await this.#request(selector, from),
      );
    }
    const handles: DownloadHandle[] = [];
    for (const request of requests) for await (const handle of request()) handles.push(handle);
    return this.#kept(handles.map((handle) => handle.view()));
  }

  async queue(): Promise<DownloadView[]> {
    return this.#parts.downloads.list();
  }

  async pause(ids: readonly string[]): Promise<DownloadView[]> {
    return this.#kept(await this.#parts.downloads.pause(ids));
  }

  async resume(ids: readonly string[]): Promise<DownloadView[]> {
    if (ids.length === 0) await this.#parts.releaseRules();
    return this.#kept(await this.#parts.downloads.resume(ids));
  }

  async cancel(ids: readonly string[]): Promise<DownloadView[]> {
    return this.#kept(await this.#parts.downloads.cancel(ids));
  }

  async stop(): Promise<void> {
    this.#all.stop();
  }

  async conflicts(): Promise<ConflictView[]> {
    return this.#parts.keeping.conflicts();
  }

  async resolve(path: string, keep: 'ours' | 'theirs'): Promise<string> {
    return this.#parts.keeping.resolve(path, keep);
  }

  async trash(): Promise<TrashView[]> {
    this.#parts.gate.demandOpen();
    return this.#parts.keeping.trash();
  }

  async restore(id: string): Promise<string> {
    return this.#parts.keeping.restore(id);
  }

  async check(): Promise<CheckView> {
    return this.#parts.keeping.check();
  }

  async testRules(): Promise<RuleTestView[]> {
    this.#parts.gate.demandOpen();
    return this.#parts.keeping.testRules();
  }

  /** Whoever has been answered need not ask again, whatever becomes of this process. */
  #kept<Answer>(answer: Answer): Answer {
    this.#parts.downloads.keep();
    return answer;
  }

  async #request(selector: FileSelector, from: DeviceId | undefined): Promise<Request> {
    const { catalogue, gate, index } = this.#parts;
    const corrupt = (path: RelativePath) => (index.isCorrupt(path) ? index.get(path) : undefined);
    const selected = await select(catalogue, selector, from, corrupt);
    if (selected === 'local') {
      // It may be in the index only.
      gate.demandOpen();
      return () => [];
    }
    if (selected) return () => this.#fetch(selected);
    if (from === undefined) return this.#classicRequest(selector.path);
    throw new CompartidosError('NOT_FOUND', { what: 'file', name: selector.path });
  }

  async *#fetch(selected: AsyncIterable<Selected>): AsyncGenerator<DownloadHandle> {
    for await (const { content, devices } of selected) {
      const { path } = content;
      const request = { path, content, devices, target: path, reason: 'person', priority: 0 } as const;
      yield this.#parts.downloads.request(request);
    }
  }

  /** Asks classic peers, or the one called `from`, for the one file of this name. */
  async #classicRequest(name: string, from?: string): Promise<Request> {
    const isName = !isGlob(name) && pathProblem(name.normalize('NFC')) === undefined;
    const holders = isName ? await this.#parts.classicPeers.seek(name) : [];
    const holder = holders.find((peer) => from === undefined || classicPeerName(peer) === from);
    if (!holder) throw new CompartidosError('NOT_FOUND', { what: 'file', name });
    const { host, port } = holder;
    const target = parseRelativePath(name.normalize('NFC'));
    return () => [this.#parts.downloads.requestClassic({ host, port, name, target, reason: 'person' })];
  }

  #isClassic(name: string): boolean {
    return this.#parts.classicPeers.peers().some((peer) => classicPeerName(peer) === name);
  }

  #peerNamed(text: string): DeviceId {
    const [peer, another] = matchingPeers(this.#parts.catalogue.peers(), text);
    if (!peer) throw new CompartidosError('NOT_FOUND', { what: 'peer', name: text });
    if (another) throw new CompartidosError('USAGE', { problem: 'ambiguous-peer', name: text });
    return peer.device;
  }
}
