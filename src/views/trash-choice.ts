import type { TrashView } from '../agent-api.ts';

/**
 * The id of what a person means in the trash, of which `items` are the latest first: by id, or by the path where it was,
 * then the latest from there. `named` itself when nothing is called so.
 */
export function trashId(items: readonly TrashView[], named: string): string {
  const path = named.normalize('NFC');
  const meant = items.find(({ id }) => id === named) ?? items.find((item) => item.path === path);
  return meant?.id ?? named;
}
