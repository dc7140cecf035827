import { englishErrors } from './english-errors.ts';
import { englishFaces } from './english-faces.ts';
import { englishReasons } from './english-reasons.ts';
import { englishRules } from './english-rules.ts';
import { englishPrompt } from './english-prompt.ts';
import { englishViews } from './english-views.ts';

/** What users read, in English. Keys: event names of the log, `error.CODE`, and `face.part`. */
export const english = {
  ...englishErrors,
  ...englishFaces,
  ...englishReasons,
  ...englishRules,
  ...englishPrompt,
  ...englishViews,

  // agent
  'agent.started': 'compartidos: {name} ({device}) shares {folder} on port {port}.',
  'access.open':
    'Access is open: everybody on this network can list and read the folder; nobody can write to it.',
  'agent.ready': 'The shared folder was scanned: {files} {files|file|files}[, {reading} still to be read].',
  'agent.stop-failed': 'Something failed while compartidos stopped: {message}',
  'agent.stopped': 'compartidos has stopped.',

  // trash
  'trash.not-put-back':
    '{path} could not be put back in its place ({reason}): the disk failed twice. It is in the trash or beside its place under another name, and does not count as deleted.',
  'trash.purge-failed': 'The trash could not be cleaned up ({reason}); it is tried again in an hour.',

  // config
  'config.reloaded': 'The configuration was read again.',
  'config.broken': 'The configuration has an error and the former one stays in force. {error}',
  'config.restart-needed': 'These settings change when the agent is started again: {keys}.',
  'config.not-watched': 'Changes of {file} will not be noticed: {message}.',

  // discovery
  'network.changed': 'The network changed. Addresses now: {addresses}.',
  'discovery.unresolved':
    'The computer {host}, of discovery.peers in the configuration, is not found: {reason}. Is the name right? Its IP address will do, too.',
  'mdns.failed':
    'Peers cannot be found by multicast on {interface} ({family}): {reason}. It is tried again now and then.',
  'mdns.packet_mishandled': 'A packet that arrived on {interface} ({family}) was dropped: {reason}.',

  // index
  'file.skipped': '{path} is not shared: {reason}.',
  'file.more-skipped': 'Not shared either {count|is|are} {count} more; the log names {count|it|them}.',
  'file.corrupt':
    '{path} is not what it was although nobody changed it: the disk may be failing. If another device has it, "get" at the prompt, or "npx compartidos get", replaces it; else restore it from a backup. If it is right as it is, save it again.',
  'file.unreadable': '{path} cannot be read ({reason}): the disk may be failing. Make a copy while you can.',
  'check.more-corrupt':
    'Damaged in the same way {count|is|are} {count} more {count|file|files}; "check" at the prompt, or "npx compartidos check", lists them all.',
  'check.failed': 'The check of the files in the background was interrupted: {message}',
  'folder.found': 'The shared folder is there again.',
  'folder.lost':
    'The shared folder {folder} cannot be used: {code}[ ({reason})]. Nothing is shared and nothing is deleted until it is back.',
  'folder.unmounted':
    'The disk that was at {path} is not there. What was on it is not taken for deleted; to say that it is, delete that folder.',
  'folder.scan-failed': 'The shared folder could not be scanned to the end: {message}.',
  'watch.limited':
    'The system allows no more watches ({reason}): changes are found by scanning, every ten seconds. Raise {setting}.',
  'watch.restored': 'The whole folder is watched again.',
  'index.readable': 'The index can be read again, and everything has been looked at since.',
  'index.unreadable':
    'The index cannot be read ({reason}): changes are not seen. Everything is looked at again every ten seconds; the disk may be failing.',
  'index.unwritable':
    'The index cannot be written ({reason}). It is tried again every two seconds; is the disk full?',
  'error.STATE_LOCKED':
    'Another agent (process {pid}) already runs on {folder}. Stop it first, or start this one with a configuration in another folder (--config).',
  'error.STATE_UNWRITABLE':
    'The state folder {folder} cannot be used ({reason}). Check that it exists, is yours, and has space left.',
  'error.STATE_TOO_NEW':
    'The state folder was written by a later release (version {version}). Install that release, or start with a configuration in another folder (--config).',
  'catalogue.update-failed': 'What {name} says of its files could not be stored: {reason}',
  'catalogue.device-full':
    '{name} has more files, deleted ones included, than are kept of one device: what changes there is not seen here any more. "npx compartidos status" there says what to do.',
  'catalogue.no-room':
    'What others say of their files is not stored at present: {reason}. It goes on by itself when there is room.',
  'catalogue.send-failed': 'The list of your files could not be sent to {name}: {reason}',
  'index.too-many':
    'This device tells of {count} files and folders, deleted ones included; above {limit} others no longer see what changes here. List folders in which files come and go all the time in .compartidosignore. To forget what was deleted long ago, stop compartidos, delete {file} and start again; a device that was away since then may bring something of that back.',
  'index.begun-anew':
    'The shared folder was {folder} before. The index is made anew; what is only there is not shared any more, and does not count as deleted.',
  'index.rebuilt':
    'The index was damaged and is being made anew from your files, which are untouched. The old one is {file}.',

  // wire
  'error.FRAME_INVALID':
    'The other side sent something that is not part of the protocol: {expected} expected, {got} received.',
  'error.MESSAGE_INVALID':
    'The other side sent a message that is not valid ({field})[: {expected} expected, {got} received].',
  'classic.file.sent': '{path} was sent to {address} ({bytes}, in clear text).',
  'classic.file.changed': '{path} changed while it was being sent to {address}; the transfer was broken off.',
  'classic.interrupted': 'The clear-text connection from {address} ended early: {reason}',

  // transport
  'peer.connected': '{name} ({device}) is here, at {address}.',
  'peer.disconnected': '{name} ({device}) is gone ({reason}).',
  'identity.twin':
    'The computer at {address} has the same identity as this one: a disk image or the folder of the state was copied. They do not see each other, and the others see only one of them. On one of them, stop compartidos, delete the folder {folder} and start it again.',
  'peer.incompatible':
    'compartidos at {address} is of another release, and the two do not understand each other: install the same release on both computers.',
  'peer.denied': 'The device {device} at {address} is not allowed to connect.',
  'caller.refused':
    'A caller from {address} was turned away ({reason}). Others from there are not mentioned.',
  'listener.failed': 'A caller could not be received ({reason}).',
  'dial.failed': 'No answer from {address} ({reason}).',
  'connection.closed': 'A connection to {device} at {address} was closed ({reason}).',
  'connection.invalid': 'The device {device} at {address} does not keep to the protocol ({reason}).',
  'connection.failed': 'Something went wrong inside compartidos with {device} at {address}: {error}',

  // transfer
  'peer.lied':
    '{name} sent wrong bytes for {path}. They were thrown away, and nothing more is asked of it for now.',
  'downloads.tidy-failed':
    'What earlier downloads left could not be removed ({reason}); it is tried again at the next start.',
  'download.done': '{path} is here.',
  'download.paused': '{path} waits for the disk ({code}). It goes on by itself.',
  'download.failed': '{path} could not be fetched ({code}).',
} as const satisfies Record<string, string>;

export type SentenceKey = keyof typeof english;
