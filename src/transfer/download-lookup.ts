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
    if (!found.includes(item)) this.#set(key, [...found, item]);
  }

  keys(): IterableIterator<string> {
    return this.#found.keys();
  }

  delete(key: string, item: Item): void {
    if (this.#found.has(key))
      this.#set(
        key,
        this.get(key).filter((one) => one !== item),
      );
  }

  #set(key: string, items: Item[]): void {
    const [first, second] = items;
    if (first === undefined) this.#found.delete(key);
    else this.#found.set(key, second === undefined ? first : items);
  }
}
