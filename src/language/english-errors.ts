/** Errors, in English: `error.CODE`, and the phrases that fill them in. */
export const englishErrors = {
  // core
  'error.INTERNAL':
    'Something went wrong inside compartidos[: {message}]. Please report it with the log file.',
  'error.ABORTED': 'It was cancelled.',
  'error.NATIVE_UNUSABLE':
    'The database that compartidos needs does not run on this computer ({system}): {reason}.',

  // config
  'error.CONFIG_INVALID': '[{file}, line {line}, column {column}: ]{problem} Correct it and try again.',
  'error.CONFIG_UNREADABLE':
    'The configuration {file} cannot be read ({reason}). Check that it exists and that you may read it.',
  'problem.unknown-key': '"{key}" is not a known key. Known here: {choices}.',
  'problem.unknown-key-near': '"{key}" is not a known key. Did you mean "{nearest}"?',
  'problem.wrong-value': '"{key}" must be {expected}, but is {got}.',
  'problem.no-value': '"{key}" is missing: it must be {expected}.',
  'problem.wrong-document': 'The configuration must be {expected}, but is {got}.',
  'problem.duplicate-key': 'This key is there twice; one of them must go.',
  'problem.not-yaml': 'This is not valid YAML: {detail}.',
  'problem.needs-quotes': 'A text that begins with {got} must be in quotes, such as "*.pdf".',
  'detail.tab-as-indent': 'lines are indented with spaces, not with tabs',
  'detail.bad-indent':
    'the spaces at the beginning do not fit the lines around it, or a bracket before it is not closed',
  'detail.key-after-value':
    'no key can follow here, since there is a value already; a text that contains ": " must be in quotes, and all keys of a group begin in the same column',
  'detail.no-value': 'a key must have ":" and a space behind it, on the same line',
  'detail.missing-character': 'a quotation mark, a bracket, a comma or a colon is missing',
  'detail.backslash':
    'between double quotes \\ must be written twice; between single quotes it stands for itself',
  'detail.two-documents': 'a line of three dashes begins another document, and there can be one only',
  'detail.no-text': 'every key must be a text',
  'detail.directive': 'a line that begins with % can only be %YAML 1.2',
  'detail.out-of-place': 'what is here does not belong here',
  'detail.other': 'what is here cannot be understood',
  'problem.too-deep': 'This is nested too deeply.',
  'problem.too-large': 'The file is longer than 1 MiB.',
  'problem.not-text': 'The file is not UTF-8 text.',
  'problem.ambiguous-peer': 'Several devices are called {name}: say which by its id.',
  'problem.not-shareable':
    '"{key}" is {got}: this is the root of a disk, or your home folder is in it, and everybody on the network could read all of that. Choose a folder for sharing, such as ~/compartidos.',
  'expected.name': 'a text of 1 to 63 bytes without control characters',
  'expected.path': 'the path of a folder, as one text',
  'expected.whole': 'a whole number, {choices}',
  'expected.one-of': 'one of: {choices}',
  'expected.boolean': 'true or false',
  'expected.size': 'a size, such as 100 MB or 1.5 GiB',
  'expected.log-size': 'a size of 64 KiB or more, such as 10 MB',
  'expected.rate': 'a speed of 1 kB/s or more, such as 5 MB/s',
  'expected.interval': 'a time from 1 s to 24 h, such as 30 s or 5 min',
  'expected.address': 'an address such as 192.168.1.7:6000, server.example:6000 or [fe80::1]:6000',
  'expected.patterns': 'a pattern such as "*.pdf", or a list of them; one at least without "!" before it',
  'expected.inner-pattern':
    'a pattern that something inside the shared folder can match, without "/" at either end and with no part that is empty, "." or ".."',
  'expected.devices': 'the name or id of a device, or a list of them',
  'expected.into':
    'a folder inside the shared one, such as photos/{peer}, where only {peer} and {date} may be in braces',
  'expected.window': 'days and hours, such as Mo-Fr 08:00-18:00',
  'expected.map': 'a group of keys with their values',
  'expected.list': 'a list, with "- " before each thing in it',

  // model
  'error.PATH_INVALID':
    'The name {path} cannot be used: {reason}. Names are relative to the shared folder, with "/" between folders.',
  'error.DEVICE_ID_INVALID':
    '{value} is not the id of a device: check it against what the command status shows on that device.',
  'error.GLOB_INVALID': 'The pattern {pattern} cannot be understood. Try something like *.pdf or photos/**.',

  // security
  'error.IDENTITY_UNREADABLE':
    'The key of this device in {file} cannot be read ({reason}). Restore it from a backup, or delete it to start as a new device.',
  'error.ACCESS_DENIED': 'The device does not let us do that: ask its owner.',

  // transport
  'error.PORT_IN_USE':
    'Port {port} is already in use, perhaps by another agent. Stop that program, or choose another port with --port or "port:" in the configuration.',
  'error.PORT_FORBIDDEN':
    'The system does not let this program use port {port}. Choose one above 1023 with --port or "port:" in the configuration.',
  'error.CONNECTION_FAILED':
    'No connection[ to {host}, port {port}][ for {path}][ ({reason})]. Check that the other device is on and that no firewall stops it.',
  'error.CONNECTION_CLOSED':
    'The connection[ to {host}, port {port},] was closed[ ({reason})]. It will be tried again.',
  'error.HANDSHAKE_FAILED':
    'The device[ at {host}, port {port},] could not prove who it is[ ({reason})]. Check that a current compartidos runs there.',
  'error.REQUEST_TIMED_OUT':
    'The other device[ at {host}, port {port},] did not answer in time. It will be tried again.',
  'error.REQUEST_REFUSED':
    'The other device[ at {host}, port {port},] refused[ ({reason})]. It will be tried again, or asked of others.',

  // index
  'error.FOLDER_MISSING':
    'The shared folder {folder} is missing or cannot be used[: {reason}]. Nothing is shared and nothing is deleted until it can be. Check that it is a folder that you may read and write, or name another one with "folder:" in the configuration.',
  'error.FOLDER_CHANGED':
    'The shared folder {folder} is not the one it was: its mark is gone or another one, perhaps another disk is mounted. Nothing is spread until the right one is back. To go on with this one in its place, make an empty file {marker}: what is not in it counts as deleted then.',
  'error.WATCH_LIMIT':
    'The system allows no more watches[ ({reason})]: changes are found by scanning, which takes longer.[ Raise {setting}.]',

  // transfer
  'error.NOT_FOUND': 'There is no[ {what}] "[{name}][{path}]".[ {look}]',
  'error.NO_SOURCE': 'No device that is online has {path}. It will be tried again when one appears.',
  'error.SOURCE_UNREADABLE':
    '{device} cannot read all of {path}: its disk may be damaged (the command check there tells). The rest is fetched when {device} can read it or somebody else has it.',
  'error.SOURCE_CHANGED': '{path} changed while it was being fetched. The new version will be fetched.',
  'error.HASH_MISMATCH':
    '{device} sent wrong bytes for {path}. They were thrown away; others are asked for it.',
  'error.DISK_FULL':
    'There is no room for {path} on the disk[: it needs {needed}, and {free} are free][ besides the {kept} that min_free in config.yaml keeps free]. Make room; it goes on by itself.',
  'error.DISK_READ_ONLY':
    '{path} cannot be written: the disk is read-only. It goes on by itself when that is over.',
  'error.DISK_ERROR': 'The disk failed at {path}[ ({reason})]. Check the disk; it is tried again by itself.',
  'error.PERMISSION_DENIED':
    'The system does not allow {path} to be written[ ({reason})]. Correct the permissions, or close the program that has it open; it goes on by itself.',
  'error.NAME_UNSUPPORTED':
    'The name {path} cannot exist on this disk[: {reason}]. Rename it where it comes from, or move away what is in its way here.',
  'error.FILE_TOO_LARGE':
    '{path} is larger than any file on this disk can be; on FAT that is 4 GiB. Share a folder on another disk, or format this one with exFAT.',
  'error.OVER_MAX_SIZE':
    '{path} is larger than the {allowed} that its rule takes, which a classic peer does not say before. Raise max_size in config.yaml, or fetch it with get.',
  'error.OTHER_DISK':
    '{path} lies in a folder that is another disk than the shared folder: files there can be offered, but not changed by compartidos. Share that disk itself (folder in config.yaml), or let a rule put it elsewhere (into).',

  // faces
  'error.USAGE': '[{problem}][{message} See --help.]',
  'error.NO_AGENT': 'No agent is running for {folder}. Start it with "npm start" or "npx compartidos start".',
  'error.OTHER_CONFIG':
    'No agent is running for {file}: the one of this folder has the configuration {running}. Name that one with --config, or put this one into another folder to start an agent for it.',
  'error.AGENT_UNREACHABLE':
    'The agent for {folder} does not answer ({reason}). Stop the process and start it again.',
  'error.AGENT_STOPPED':
    'The agent for {folder} has stopped. What was under way goes on when it is started again.',
  'error.OUTPUT_FAILED': 'Not all of the answer could be written ({reason}).',
} as const satisfies Record<string, string>;
