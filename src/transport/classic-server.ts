import type { Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { AccessPolicy, Action } from '../security/access-policy.ts';
import { CONTENT_FOLLOWS, FOUND, NO_SUCH_FILE, NOT_FOUND } from '../wire/classic/answer.ts';
import { formatListingLine } from '../wire/classic/listing.ts';
import { parseClassicRequest, type ClassicRequest } from '../wire/classic/request.ts';
import { plainAddress } from './address.ts';
import { sendContent } from './classic-content.ts';
import type { ClassicFile, ClassicFiles } from './classic-files.ts';
import { readClassicRequest } from './classic-request-reader.ts';
import { ClassicSocket } from './classic-socket.ts';

export interface ClassicServerParts {
  /** Undefined when classic peers are not served: then only the probe is answered. */
  readonly files: ClassicFiles | undefined;
  readonly policy: AccessPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves when so many bytes may be sent to an address; rejects when `signal` is aborted. Without it there is no limit. */
  readonly pace?: (address: string, bytes: number, signal: AbortSignal) => Promise<void>;
}

/**
 * ms between OK and the first byte of the content. Existing clients call recv(1024) once and compare what it returns
 * with OK: a segment of its own is not enough, since what has arrived by the time of the call is returned together.
 * Nothing in TCP tells a sender that the other program has read, so it waits for longer than a client that is already
 * blocked in recv needs to be woken.
 */
export const OK_GAP_MS = 100;

/**
 * Answers the one request of a classic caller and closes; `firstBytes` is what was read of it already. Resolves when
 * the connection is over. Never rejects.
 */
export async function serveClassic(
  socket: Socket,
  firstBytes: Uint8Array,
  parts: ClassicServerParts,
): Promise<void> {
  const connection = new ClassicSocket(socket, parts.clock);
  const address = plainAddress(socket.remoteAddress ?? '');
  try {
    if (!parts.policy.allows({ kind: 'classic', address }, { type: 'connect' })) return;
    const bytes = await readClassicRequest(socket, firstBytes, parts.clock);
    const request = bytes && parseClassicRequest(bytes);
    if (!request) return;
    connection.discardInput();
    await new ClassicAnswer(connection, address, parts).give(request);
    await connection.end();
  } catch (error) {
    connection.reset();
    parts.logger.debug('classic.interrupted', { address, reason: String(error) });
  } finally {
    connection.destroy();
  }
}

class ClassicAnswer {
  readonly #connection: ClassicSocket;
  readonly #address: string;
  readonly #parts: ClassicServerParts;

  constructor(connection: ClassicSocket, address: string, parts: ClassicServerParts) {
    this.#connection = connection;
    this.#address = address;
    this.#parts = parts;
  }

  async give(request: ClassicRequest): Promise<void> {
    switch (request.type) {
      case 'probe':
        return this.#connection.write(Buffer.from(FOUND));
      case 'search':
        return this.#search(request.path);
      case 'download':
        return this.#download(request.path);
      case 'list':
        return this.#list(request.glob);
      case 'invalid':
        return;
    }
  }

  async #search(path: RelativePath | undefined): Promise<void> {
    if (!this.#parts.files) return;
    const file = await this.#lookup('list', path);
    await this.#connection.write(Buffer.from(file ? FOUND : NOT_FOUND));
  }

  async #download(path: RelativePath | undefined): Promise<void> {
    if (!this.#parts.files) return;
    const { clock, logger, pace } = this.#parts;
    const file = await this.#lookup('read', path);
    const content = await file?.open().catch(() => undefined);
    if (!file || !content) return this.#connection.write(Buffer.from(NO_SUCH_FILE));
    try {
      await this.#connection.write(Buffer.from(CONTENT_FOLLOWS));
      await clock.sleep(OK_GAP_MS, this.#connection.closed);
      const { closed } = this.#connection;
      const bytes = await sendContent(this.#connection, content, (next) =>
        pace?.(this.#address, next, closed),
      );
      if (bytes === undefined) {
        // An orderly end would tell the caller that these bytes are the file.
        this.#connection.reset();
        logger.warn('classic.file.changed', { address: this.#address, path: file.path });
      } else {
        logger.info('classic.file.sent', { address: this.#address, path: file.path, bytes });
      }
    } finally {
      await content.close();
    }
  }

  async #list(glob: string | undefined): Promise<void> {
    if (!this.#parts.files) return;
    for await (const file of this.#parts.files.list(glob)) {
      if (this.#connection.closed.aborted) return;
      if (!this.#allows({ type: 'list', path: file.path })) continue;
      const sha256 = await file.sha256().catch(() => undefined);
      if (sha256 === undefined) continue;
      await this.#connection.write(Buffer.from(formatListingLine({ ...file, sha256 })));
    }
  }

  async #lookup(type: 'list' | 'read', path: RelativePath | undefined): Promise<ClassicFile | undefined> {
    if (path === undefined || !this.#allows({ type, path })) return undefined;
    return this.#parts.files?.lookup(path);
  }

  #allows(action: Action): boolean {
    return this.#parts.policy.allows({ kind: 'classic', address: this.#address }, action);
  }
}
