import type { LocalIndex } from '../index/local-index.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { AccessPolicy, Caller } from '../security/access-policy.ts';
import type { PeerSession } from '../transport/network.ts';
import { fileEntryBytes } from '../wire/file-entry-codec.ts';
import { splitIndexUpdate } from '../wire/messages/index-update.ts';
import type { IndexQuery, IndexUpdate } from '../wire/messages/message.ts';

/** The most that one update holds; an entry that is larger by itself goes alone. */
export const MAX_SENT_ENTRIES = 1000;
export const MAX_SENT_BYTES = 256 * 1024;
/** Entries read at a time: those of large files are large, and what does not fit is read again. */
const PAGE = 100;

/**
 * Sends our index to one peer, from where it asks and then as it grows. There is one position, which only a query
 * sets back, and one update under way at a time: what changes during a long index has its place at the end of it.
 */
export class IndexSender {
  readonly #session: PeerSession;
  readonly #index: LocalIndex;
  readonly #access: AccessPolicy;
  readonly #caller: Caller;
  readonly #failed: (error: unknown) => void;
  /** The sequence up to which the peer has been told; undefined until it asks. */
  #position: number | undefined;
  /** A query has not been answered yet. */
  #owing = false;
  #sending = false;
  #stopped = false;

  /** @param failed is told when our index cannot be read; the next change or query tries again. */
  constructor(
    session: PeerSession,
    index: LocalIndex,
    access: AccessPolicy,
    failed: (error: unknown) => void,
  ) {
    this.#failed = failed;
    this.#session = session;
    this.#index = index;
    this.#access = access;
    this.#caller = { kind: 'native', device: session.device, address: session.host };
  }

  stop(): void {
    this.#stopped = true;
  }

  answer({ indexId, after }: IndexQuery): void {
    // A peer that knows more than there is, or something else, knows an index that was lost: it gets all, from 0.
    const known = indexId === this.#index.indexId && this.#index.hasReached(after);
    this.#position = known ? after : 0;
    this.#owing = true;
    this.push();
  }

  /** Whether any of them tells the peer more than that we have what it made itself, as it made it. */
  isNews(entries: readonly FileEntry[]): boolean {
    const { device } = this.#session;
    return entries.some(({ version }) => version.length !== 1 || version[0]!.device !== device);
  }

  /** Sends what the peer has not been told; does nothing while it is doing that already or before the peer asked. */
  push(): void {
    if (this.#sending || this.#stopped || this.#position === undefined) return;
    void this.#pump();
  }

  async #pump(): Promise<void> {
    this.#sending = true;
    try {
      await this.#sendAll();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#sending = false;
    }
  }

  async #sendAll(): Promise<void> {
    while (!this.#stopped) {
      const after = this.#position!;
      const entries = this.#next(after);
      if (entries.length === 0 && !this.#owing) return;
      const until = entries.at(-1)?.sequence ?? after;
      this.#owing = false;
      this.#position = until;
      const update: IndexUpdate = {
        type: 'index-update',
        indexId: this.#index.indexId,
        after,
        until,
        entries: entries.filter(({ path }) => this.#access.allows(this.#caller, { type: 'list', path })),
      };
      for (const part of splitIndexUpdate(update)) this.#session.send(part);
      await this.#session.drained();
    }
  }

  /** The entries of the next update. */
  #next(after: number): FileEntry[] {
    const entries: FileEntry[] = [];
    let bytes = 0;
    for (;;) {
      const page = this.#index.after(entries.at(-1)?.sequence ?? after, PAGE);
      for (const entry of page) {
        bytes += fileEntryBytes(entry);
        if (entries.length > 0 && (bytes > MAX_SENT_BYTES || entries.length === MAX_SENT_ENTRIES))
          return entries;
        entries.push(entry);
      }
      if (page.length < PAGE) return entries;
    }
  }
}
