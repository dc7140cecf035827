import { sep } from 'node:path';
import { CompartidosError, isCompartidosError, systemErrorCode, toError } from '../core/errors.ts';
import type { ErrorCode } from '../core/errors.ts';
import { PRIVATE_FOLDER } from '../model/relative-path.ts';

const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EROFS: 'DISK_READ_ONLY',
  EACCES: 'PERMISSION_DENIED',
  EPERM: 'PERMISSION_DENIED',
  // Another program has it open, which lets nobody else write, rename or remove it on Windows.
  EBUSY: 'PERMISSION_DENIED',
  EIO: 'DISK_ERROR',
  ENAMETOOLONG: 'NAME_UNSUPPORTED',
  EILSEQ: 'NAME_UNSUPPORTED',
  EINVAL: 'NAME_UNSUPPORTED',
  // A name that is not in the index is taken: by one that differs in case or normal form only.
  EEXIST: 'NAME_UNSUPPORTED',
  // A folder has the name.
  EISDIR: 'NAME_UNSUPPORTED',
  EXDEV: 'OTHER_DISK',
  EFBIG: 'FILE_TOO_LARGE',
  // Of the database, which may lie on the same disk.
  SQLITE_FULL: 'DISK_FULL',
  SQLITE_READONLY: 'DISK_READ_ONLY',
  SQLITE_IOERR: 'DISK_ERROR',
};

/** Errors of the download itself: it is of no use to try it again. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'NAME_UNSUPPORTED',
  'FILE_TOO_LARGE',
  'OVER_MAX_SIZE',
  'OTHER_DISK',
  'NOT_FOUND',
]);

/** Errors of the disk, not of the download: it waits until they are over. */
const WAIT_FOR: ReadonlySet<ErrorCode> = new Set([
  'DISK_FULL',
  'DISK_READ_ONLY',
  'PERMISSION_DENIED',
  'DISK_ERROR',
  'FOLDER_MISSING',
  'FOLDER_CHANGED',
]);

/** What went wrong, as one of our errors, when the file `path` (relative) was being written in `folder` (absolute). */
export function explain(
  error: unknown,
  { path, folder }: { readonly path: string; readonly folder: string },
): CompartidosError {
  if (isCompartidosError(error)) return error;
  const system = systemErrorCode(error);
  // SQLite says more behind another underscore: SQLITE_IOERR_WRITE.
  const code = system === undefined ? undefined : CODES[/^SQLITE_[A-Z]+/.exec(system)?.[0] ?? system];
  // Only the folders that everything is in can be missing: others are made.
  if (system === 'ENOENT')
    return new CompartidosError('FOLDER_MISSING', { folder, reason: system }, { cause: error });
  if (code) {
    const place = code === 'PERMISSION_DENIED' ? privateFolderOf(error, folder) : undefined;
    return new CompartidosError(code, { path: place ?? path, reason: system! }, { cause: error });
  }
  const { message } = toError(error);
  return new CompartidosError('INTERNAL', { message, path }, { cause: error });
}

/** The folder of our own in which the operation failed, relative, when it was in one: that is what is to be mended. */
function privateFolderOf(error: unknown, folder: string): string | undefined {
  if (typeof error !== 'object' || error === null || !('path' in error)) return undefined;
  // What leaves our folder has been written there before: it is where it goes to that does not let it in.
  const path = String('dest' in error ? error.dest : error.path);
  const below = path.startsWith(folder) ? path.slice(folder.length + 1).split(sep) : [];
  return below[0] === PRIVATE_FOLDER ? below.slice(0, 2).join('/') : undefined;
}

/** Whether trying again is of no use. */
export function isFinal({ code }: Pick<CompartidosError, 'code'>): boolean {
  return FINAL.has(code);
}

/** Whether a download that met `error` waits for the disk instead of being tried again. */
export function isDiskTrouble(error: CompartidosError): boolean {
  return WAIT_FOR.has(error.code);
}
