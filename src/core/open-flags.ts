import * as fs from 'node:fs';

/** Absent on Windows, where links to elsewhere take a privilege. */
const constants: Partial<typeof fs.constants> = fs.constants;
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
/** Opening a FIFO for reading would otherwise wait for its writer, and hold a thread of the pool meanwhile. */
const NO_WAIT = constants.O_NONBLOCK ?? 0;

/** What each way of opening is to open(2). */
export const OPEN_FLAGS = {
  read: fs.constants.O_RDONLY | NO_FOLLOW | NO_WAIT,
  write: fs.constants.O_RDWR | NO_FOLLOW | NO_WAIT,
  create: fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL | NO_FOLLOW,
} as const;
