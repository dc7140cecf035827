/** A set that remembers its latest `capacity` members. */
export class BoundedSet<Member> {
  readonly #capacity: number;
  readonly #members = new Set<Member>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  has(member: Member): boolean {
    return this.#members.has(member);
  }

  /** Adds `member`, or makes it the latest again; returns whether it is new. */
  add(member: Member): boolean {
    const isNew = !this.#members.delete(member);
    this.#members.add(member);
    if (this.#members.size > this.#capacity) {
      for (const oldest of this.#members) {
        this.#members.delete(oldest);
        break;
      }
    }
    return isNew;
  }
}
