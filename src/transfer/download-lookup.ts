import type { Download } from './download.ts';

/** Downloads, or what is known of each, by something that seldom more than one of them has. */
export class DownloadLookup<Item extends object = Download> {
  readonly #found = new Map<string, Item | Item[]>();

  get(key: string): readonly Item[] {
    const found = this.#found.get(key);
    if (found === undefined) return [];
    return Array.isArray(found) ? found : [found];
  }

  add(key: string, item: Item): void {
    const found = this.get(key);
    if (found.length === 0) this.#found.set(key, item);
    else if (!found.includes(item)) this.#found.set(key, [...found, item]);
  }

  keys(): IterableIterator<string> {
    return this.#found.keys();
  }

  delete(key: string, item: Item): void {
    const found = this.#found.get(key);
    if (found === item) this.#found.delete(key);
    else if (Array.isArray(found)) {
      const left = found.filter((one) => one !== item);
      this.#found.set(key, left.length === 1 ? left[0]! : left);
    }
  }
}
