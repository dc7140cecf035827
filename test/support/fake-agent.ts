import type {
  AgentApi,
  AgentEvents,
  AgentStatus,
  CheckView,
  ConflictView,
  DownloadState,
  DownloadView,
  FileSelector,
  FileView,
  PeerView,
  RuleTestView,
  TrashView,
} from '../../src/agent-api.ts';
import { Emitter } from '../../src/core/emitter.ts';
import { CompartidosError } from '../../src/core/errors.ts';
import { compileGlob, isGlob } from '../../src/model/glob.ts';
import { nextState } from '../../src/transfer/download-state.ts';

const ANA = { id: 'AAAAAAA-BBBBBBB', name: 'ana' };
export const CONFLICT_COPY = 'notes (conflict ana 2026-11-22 14.03.05).txt';
const HOSTILE = { id: 'CCCCCCC-DDDDDDD', name: 'evil\u001b[2J\u202e\nname' };

/** An agent that knows two peers and a handful of files; downloads stand still until `move` is called. */
export class FakeAgent implements AgentApi {
  readonly events = new Emitter<AgentEvents>();
  readonly calls: [method: string, ...params: unknown[]][] = [];
  readonly downloads = new Map<string, DownloadView>();
  onStop: () => void = () => {};

  async status(): Promise<AgentStatus> {
    return {
      id: 'ZZZZZZZ-YYYYYYY-XXXXXXX-WWWWWWW-VVVVVVV-UUUUUUU-TTTTTTT-SSSSSSS',
      name: 'fake',
      version: '0.1.0',
      pid: process.pid,
      port: 6000,
      folder: '/srv/compartidos',
      config: '/srv/config.yaml',
      access: 'open',
      ready: true,
      reading: 0,
      peers: 1,
      files: 2,
      transfers: [...this.downloads.values()].filter(({ state }) => state === 'queued').length,
      problems: [],
    };
  }

  async peers(): Promise<PeerView[]> {
    const place = { address: '10.0.0.7', port: 6000, files: 3 };
    return [
      { ...ANA, ...place, kind: 'native', state: 'online' },
      { ...HOSTILE, ...place, address: 'fe80::1', kind: 'native', state: 'offline' },
    ];
  }

  async list(glob?: string): Promise<FileView[]> {
    this.calls.push(['list', glob]);
    return this.#matching(glob ?? '**').filter(({ local }) => local);
  }

  async find(query: string): Promise<FileView[]> {
    this.calls.push(['find', query]);
    return this.#matching(query);
  }

  async get(
    selectors: readonly FileSelector[],
    options: { readonly from?: string } = {},
  ): Promise<DownloadView[]> {
    this.calls.push(['get', selectors, options]);
    const wanted = selectors.flatMap(({ path }) => {
      const found = this.#matching(path);
      if (found.length === 0) throw new CompartidosError('NOT_FOUND', { what: 'file', name: path });
      return found.filter(({ local }) => !local);
    });
    return wanted.map(({ path, size }) => this.#put(`d${this.downloads.size + 1}`, path, size, 'queued'));
  }

  async queue(): Promise<DownloadView[]> {
    return [...this.downloads.values()];
  }

  pause = async (ids: readonly string[]) => this.#change('pause', ids, 'paused');
  resume = async (ids: readonly string[]) => this.#change('resume', ids, 'queued');
  cancel = async (ids: readonly string[]) => this.#change('cancel', ids, 'cancelled');

  async stop(): Promise<void> {
    this.calls.push(['stop']);
    this.onStop();
  }

  async conflicts(): Promise<ConflictView[]> {
    return [{ path: 'notes.txt', copy: CONFLICT_COPY, device: 'ana', time: '2026-11-22T14:03:05.000Z' }];
  }

  async resolve(path: string, keep: 'ours' | 'theirs'): Promise<string> {
    this.calls.push(['resolve', path, keep]);
    if (path === 'notes.txt' || path === CONFLICT_COPY) return 'notes.txt';
    throw new CompartidosError('NOT_FOUND', { what: 'conflict', name: path });
  }

  async trash(): Promise<TrashView[]> {
    return [{ id: 't1', path: 'old.txt', size: 12, time: '2026-11-20T10:00:00.000Z', reason: 'replaced' }];
  }

  async restore(id: string): Promise<string> {
    this.calls.push(['restore', id]);
    if (id !== 't1') throw new CompartidosError('NOT_FOUND', { what: 'trash', name: id });
    return 'old.txt';
  }

  async check(): Promise<CheckView> {
    return { files: 2, bytes: 1024, corrupt: [] };
  }

  async testRules(): Promise<RuleTestView[]> {
    return [{ rule: '*.pdf', path: 'docs/report.pdf', action: 'fetch', why: 'rule.new', from: 'ana' }];
  }

  /** Takes a download to another state, and says so. */
  move(id: string, state: DownloadState, change: Partial<DownloadView> = {}): void {
    const download = { ...this.downloads.get(id)!, ...change, state };
    this.downloads.set(id, download);
    this.events.emit('download', download);
  }

  #matching(query: string): FileView[] {
    const matches = isGlob(query) ? compileGlob(query) : (path: string) => path.includes(query);
    return (query.startsWith('many/') ? MANY : FILES).filter(({ path }) => matches(path));
  }

  #put(id: string, path: string, size: number, state: DownloadState): DownloadView {
    const download: DownloadView = {
      id,
      path,
      state,
      bytes: 0,
      size,
      rate: 0,
      eta: null,
      from: [ANA.name],
      reason: 'person',
      target: path,
      error: null,
    };
    this.downloads.set(id, download);
    return download;
  }

  #change(method: string, ids: readonly string[], state: 'paused' | 'queued' | 'cancelled'): DownloadView[] {
    this.calls.push([method, ids]);
    const chosen = ids.length === 0 ? [...this.downloads.keys()] : ids;
    for (const id of chosen) {
      if (!this.downloads.has(id)) throw new CompartidosError('NOT_FOUND', { what: 'download', name: id });
    }
    const changed = chosen.filter((id) => {
      const event = state === 'queued' ? 'resumed' : state;
      return nextState(this.downloads.get(id)!.state, event) === state;
    });
    for (const id of changed) this.move(id, state);
    return changed.map((id) => this.downloads.get(id)!);
  }
}

const FILES = [
  fileView('docs/report.pdf', 1_234_567),
  fileView('docs/with space.txt', 12),
  fileView('évil\u001b[31m\nname.txt', 3),
  fileView('local.txt', 5, true),
  fileView('notes.txt', 500, true),
];

/** Found by what begins with `many/`. */
const MANY = Array.from({ length: 30 }, (_, at) => fileView(`many/${at}.txt`, 1000));

function fileView(path: string, size: number, local = false): FileView {
  return {
    ...{ path, size, local },
    mtime: '2026-11-22T14:03:05.000Z',
    hash: 'ab'.repeat(32),
    holders: [{ ...ANA, state: 'online' }],
  };
}
