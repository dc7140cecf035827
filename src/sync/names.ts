import { shortDeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { MAX_PATH_BYTES, MAX_SEGMENT_BYTES, parseRelativePath, pathProblem } from '../model/relative-path.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { lastChange } from '../model/version-vector.ts';
import { isoTime } from './iso-time.ts';

/** Whether a name is in use by something else. */
export type Taken = (path: RelativePath) => boolean;

/** Characters of a device's name in a file's name. */
const MAX_LABEL = 40;
/** Extensions that have a second one before them. */
const WRAPPED = /\.tar\.[^.]{1,8}$/i;
/** A longer or a spaced last part is no extension but a piece of a sentence; one with brackets is one of a mark. */
const EXTENSION = /\.[^.\s()]{1,16}$/;
const MARK = / \(conflict ([^()]{1,60}) (\d{4}-\d{2}-\d{2}) (\d{2}\.\d{2}\.\d{2})\)(?: \d{1,4})?$/;

/**
 * The name under which the loser of a conflict is kept: `name (conflict DEVICE 2026-11-22 14.03.05).ext`. DEVICE is the
 * beginning of the id of the device that changed it last, the time is when, in UTC: every device comes to the same
 * name. A loser that is such a copy itself does not get a second mark.
 * @throws PATH_INVALID when the folders above leave no room for it; so do all that follow.
 */
export function conflictName(path: RelativePath, loser: FileEntry): RelativePath {
  const device = lastChange(loser.version)?.device;
  const label = device === undefined ? 'unknown' : shortDeviceId(device);
  const { folder, stem, extension } = splitName(path);
  return join(folder, stem.replace(MARK, ''), ` (conflict ${label} ${timeLabel(loser.mtimeUs)})`, extension);
}

/**
 * What the name of a conflict copy says: of which path, which device's (the beginning of its id), and from when (ms
 * since the Unix epoch). Undefined when `path` is not named like one.
 */
export function readConflictName(
  path: RelativePath,
): { readonly path: RelativePath; readonly device: string; readonly time: number } | undefined {
  const { folder, stem, extension } = splitName(path);
  const [mark, device, date, clock] = MARK.exec(stem) ?? [];
  if (mark === undefined) return undefined;
  const original = folder + stem.slice(0, -mark.length) + extension;
  const time = Date.parse(`${date}T${clock!.replaceAll('.', ':')}Z`);
  if (pathProblem(original) !== undefined || Number.isNaN(time)) return undefined;
  return { path: original as RelativePath, device: device!, time };
}

/** The name for a newcomer whose own is taken: `name (from DEVICE).ext`. */
export function takenName(path: RelativePath, device: string): RelativePath {
  const { folder, stem, extension } = splitName(path);
  return join(folder, stem, ` (from ${safeLabel(device)})`, extension);
}

/** `path`, or with the lowest number from 2 behind its name that is not taken. */
export function freeName(path: RelativePath, taken: Taken): RelativePath {
  let free = path;
  for (let number = 2; taken(free); number += 1) free = numberedName(path, number);
  return free;
}

/** `name 2.ext`. */
export function numberedName(path: RelativePath, number: number): RelativePath {
  const { folder, stem, extension } = splitName(path);
  return join(folder, stem, ` ${number}`, extension);
}

/**
 * What a device calls itself, as a part of a file name: without what separates, controls or hides, on any system;
 * `unknown` when nothing is left.
 */
export function safeLabel(name: string): string {
  const clean = name
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}/\\:*?"<>|(){}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const cut = [...clean].slice(0, MAX_LABEL).join('');
  const label = cut.replace(/^[.\s]+|[.\s]+$/g, '');
  return label === '' ? 'unknown' : label;
}

function splitName(path: RelativePath): { folder: string; stem: string; extension: string } {
  const slash = path.lastIndexOf('/') + 1;
  const name = path.slice(slash);
  const extension = WRAPPED.exec(name)?.[0] ?? EXTENSION.exec(name)?.[0] ?? '';
  // A name that is nothing but an extension, as `.profile`, is a stem.
  const isStem = extension.length === name.length;
  return {
    folder: path.slice(0, slash),
    stem: isStem ? name : name.slice(0, name.length - extension.length),
    extension: isStem ? '' : extension,
  };
}

/** Joins the parts to a valid path, cutting the stem at a character where there is no room for all of it. */
function join(folder: string, stem: string, mark: string, extension: string): RelativePath {
  const tail = mark + extension;
  const room =
    Math.min(MAX_SEGMENT_BYTES, MAX_PATH_BYTES - Buffer.byteLength(folder)) - Buffer.byteLength(tail);
  return parseRelativePath(folder + cutToBytes(stem, room) + tail);
}

function cutToBytes(text: string, room: number): string {
  if (Buffer.byteLength(text) <= room) return text;
  const characters = [...text];
  let excess = Buffer.byteLength(text) - room;
  while (excess > 0 && characters.length > 0) excess -= Buffer.byteLength(characters.pop()!);
  return characters.join('').trimEnd();
}

function timeLabel(us: number): string {
  return isoTime(us).slice(0, 19).replace('T', ' ').replaceAll(':', '.');
}
