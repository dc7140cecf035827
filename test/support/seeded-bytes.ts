import { createCipheriv, createHash } from 'node:crypto';

/** `size` bytes that look random and that `seed` decides. */
export function seededBytes(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}
