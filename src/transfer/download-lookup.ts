import type { Download } from './download.ts';

/** Downloads by something that seldom more than one of them has. */
export class DownloadLookup {
  readonly #found = new Map<string, Download | Download[]>();

  get(key: string): readonly Download[] {
    const found = this.#found.get(key);
    if (found === undefined) return [];
    return Array.isArray(found) ? found : [found];
  }

  add(key: string, download: Download): void {
    const found = this.get(key);
    if (!found.includes(download)) this.#set(key, [...found, download]);
  }

  delete(key: string, download: Download): void {
    if (this.#found.has(key))
      this.#set(
        key,
        this.get(key).filter((one) => one !== download),
      );
  }

  #set(key: string, downloads: Download[]): void {
    const [first, second] = downloads;
    if (first === undefined) this.#found.delete(key);
    else this.#found.set(key, second === undefined ? first : downloads);
  }
}
