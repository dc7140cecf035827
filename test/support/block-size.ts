/** Bytes of a block of a file of up to 1 GiB (PROTOCOL.md, 1.6). */
export const BLOCK = 512 * 1024;
