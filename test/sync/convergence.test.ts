import test from 'ava';
import fc from 'fast-check';
import type { DeviceId } from '../../src/model/device-id.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { parseRelativePath, type RelativePath } from '../../src/model/relative-path.ts';
import { incrementVersion } from '../../src/model/version-vector.ts';
import { decide, type Decision } from '../../src/sync/decide.ts';
import { decidePlacement } from '../../src/sync/placement.ts';
import type { RuleMode } from '../../src/sync/settle.ts';
import { deviceNamed, fileEntry, tombstone } from '../support/entries.ts';

/** A device reduced to its entries: decisions are carried out at once and never fail. */
class Model {
  readonly device: DeviceId;
  readonly mode: RuleMode;
  readonly entries = new Map<RelativePath, FileEntry>();
  readonly trash: string[] = [];
  /** What each of the others said when it was last heard of. */
  readonly heard = new Map<DeviceId, Map<RelativePath, FileEntry>>();
  /** Contents that a user has replaced or deleted here himself. */
  readonly givenUp = new Set<string>();
  readonly contents: Map<string, string>;
  clock: number;

  constructor(name: string, mode: RuleMode, clock: number, contents: Map<string, string>) {
    this.device = deviceNamed(name);
    this.mode = mode;
    this.clock = clock;
    this.contents = contents;
  }

  write(path: RelativePath, content: string): void {
    this.#giveUp(path);
    const mtimeUs = this.clock * 1000;
    const entry = fileEntry(path, { content, mtimeUs, version: this.#nextVersion(path) });
    this.contents.set(String(entry.hash), content);
    this.entries.set(path, entry);
  }

  delete(path: RelativePath): void {
    if (this.entries.get(path)?.deleted !== false) return;
    this.#giveUp(path);
    this.entries.set(path, tombstone(path, { version: this.#nextVersion(path) }));
  }

  hear(other: Model): void {
    this.heard.set(other.device, new Map(other.entries));
  }

  /** Carries out what there is to do; returns how much that was. */
  work(): number {
    let done = 0;
    const paths = new Set([...this.heard.values()].flatMap((entries) => [...entries.keys()]));
    for (const path of paths) {
      for (let limit = 0; ; limit += 1) {
        const decision = this.#decide(path);
        if (decision.type === 'none') break;
        if (limit > 20) throw new Error(`no end: ${decision.type} ${path}`);
        this.#carryOut(decision);
        done += 1;
      }
    }
    return done;
  }

  get files(): Record<string, string> {
    const live = [...this.entries.values()].filter(({ deleted }) => !deleted);
    const named = live.map((entry) => [entry.path, this.contents.get(String(entry.hash))!] as const);
    return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #decide(path: RelativePath): Decision {
    const claims = [...this.heard].flatMap(([device, entries]) => {
      const entry = entries.get(path);
      return entry ? { device, entry } : [];
    });
    return decide({
      mode: this.mode,
      self: this.device,
      target: path,
      claims,
      at: (name) => this.entries.get(name),
      isOnline: () => true,
      nameOf: (device) => device.slice(0, 7),
    });
  }

  #carryOut(decision: Decision): void {
    switch (decision.type) {
      case 'none':
        break;
      case 'adopt':
        this.entries.set(decision.ours.path, decision.entry);
        break;
      case 'delete':
        this.#discard(decision.ours);
        this.entries.set(decision.ours.path, decision.tombstone);
        break;
      case 'fetch':
      case 'conflict':
        this.#place(decision.entry, decision.target);
    }
  }

  #place(content: FileEntry, target: RelativePath): void {
    const local = this.entries.get(target);
    const newcomer = { content, target, asked: this.mode, deviceName: 'somebody' };
    const at = (path: RelativePath) => this.entries.get(path);
    const placement = decidePlacement(this.device, local, newcomer, at);
    switch (placement.action) {
      case 'replace':
        this.#discard(local!);
        break;
      case 'set-aside':
        this.entries.set(placement.copy, {
          ...local!,
          path: placement.copy,
          version: this.#nextVersion(placement.copy),
        });
        break;
      case 'beside':
      case 'elsewhere':
      case 'keep':
      case 'adopt':
        throw new Error(`decided to bring it, but then to ${placement.action}`);
      case 'place':
    }
    this.entries.set(target, { ...content, path: target, version: placement.version });
  }

  #discard(entry: FileEntry): void {
    this.trash.push(this.contents.get(String(entry.hash))!);
  }

  #giveUp(path: RelativePath): void {
    const entry = this.entries.get(path);
    if (entry && !entry.deleted) this.givenUp.add(this.contents.get(String(entry.hash))!);
  }

  #nextVersion(path: RelativePath) {
    this.clock += 1;
    return incrementVersion(this.entries.get(path)?.version ?? [], this.device, this.clock);
  }
}

type Step = {
  who: number;
  whom: number;
  path: RelativePath;
  act: 'write' | 'delete' | 'hear';
  same: boolean;
};

const anyStep: fc.Arbitrary<Step> = fc.record({
  who: fc.nat({ max: 2 }),
  whom: fc.nat({ max: 2 }),
  path: fc.constantFrom('x', 'y.txt').map(parseRelativePath),
  act: fc.constantFrom('write', 'write', 'delete', 'hear', 'hear'),
  same: fc.boolean(),
});

/** Clocks that disagree, one by far. */
const anyClocks = fc.constantFrom([1000, 1000, 1000], [1000, 1005, 1002], [1000, 5, 900_000]);

function run(modes: readonly RuleMode[], clocks: readonly number[], steps: readonly Step[]) {
  const contents = new Map<string, string>();
  const models = modes.map((mode, index) => new Model(`device ${index}`, mode, clocks[index]!, contents));
  const written = new Set<string>();
  steps.forEach(({ who, whom, path, act, same }, index) => {
    const model = models[who % models.length]!;
    const other = models[whom % models.length]!;
    if (act === 'write') {
      // Different devices write the same, too.
      const content = same ? 'common' : `content ${index}`;
      model.write(path, content);
      written.add(content);
    } else if (act === 'delete') model.delete(path);
    else if (model !== other) {
      model.hear(other);
      model.work();
    }
  });
  return { models, written };
}

/** Everybody hears of everybody until nobody has anything left to do. */
function settleAll(models: readonly Model[]): void {
  for (let round = 0; ; round += 1) {
    let done = 0;
    for (const one of models) {
      for (const other of models) if (other !== one) one.hear(other);
      done += one.work();
    }
    if (done === 0) return;
    if (round > 30) throw new Error('they do not come to rest');
  }
}

function lost(models: readonly Model[], written: ReadonlySet<string>): string[] {
  const kept = new Set(models.flatMap((model) => [...Object.values(model.files), ...model.trash]));
  const givenUp = new Set(models.flatMap((model) => [...model.givenUp]));
  return [...written].filter((content) => !kept.has(content) && !givenUp.has(content));
}

test('sync: three devices come to rest with the same files, and no content is lost', (t) => {
  fc.assert(
    fc.property(anyClocks, fc.array(anyStep, { maxLength: 25 }), (clocks, steps) => {
      const { models, written } = run(['sync', 'sync', 'sync'], clocks, steps);
      settleAll(models);
      const [first, ...others] = models;
      for (const other of others) t.deepEqual(other.files, first!.files);
      t.deepEqual(lost(models, written), []);
    }),
    { numRuns: 3000 },
  );
});

test('any modes: they come to rest, and no content is lost', (t) => {
  const anyMode = fc.constantFrom<RuleMode>('fetch', 'mirror', 'sync');
  fc.assert(
    fc.property(
      fc.tuple(anyMode, anyMode, anyMode),
      anyClocks,
      fc.array(anyStep, { maxLength: 20 }),
      (modes, clocks, steps) => {
        const { models, written } = run(modes, clocks, steps);
        settleAll(models);
        t.deepEqual(lost(models, written), []);
      },
    ),
    { numRuns: 3000 },
  );
});

test('a decision that loses the losing content is found', (t) => {
  const result = fc.check(
    fc.property(fc.array(anyStep, { maxLength: 25 }), (steps) => {
      const { models, written } = run(['sync', 'sync'], [1000, 1000], steps);
      // What if conflict copies were simply forgotten?
      for (const model of models) {
        for (const path of [...model.entries.keys()])
          if (path.includes('(conflict')) model.entries.delete(path);
      }
      return lost(models, written).length === 0;
    }),
    { numRuns: 500 },
  );
  t.true(result.failed);
});

for (const [what, counted] of [
  ['for itself', (hostile: DeviceId) => [hostile]],
  ['for one of us', () => [deviceNamed('ana')]],
  ['for all', (hostile: DeviceId) => [hostile, deviceNamed('ana'), deviceNamed('luis')]],
] as const) {
  for (const value of [2 ** 52 - 1, 2 ** 52, Number.MAX_SAFE_INTEGER]) {
    test(`whatever a hostile device has counted ${what}, what is edited later takes its place: ${value}`, (t) => {
      const contents = new Map<string, string>();
      const [ana, luis] = ['ana', 'luis'].map((name) => new Model(name, 'sync', 1000, contents)) as [
        Model,
        Model,
      ];
      const path = parseRelativePath('x');
      const devices = [...counted(deviceNamed('hostile'))].sort();
      const version = devices.map((device) => ({ device, value }));
      const entry = fileEntry(path, { content: 'hostile', version });
      contents.set(String(entry.hash), 'hostile');
      for (const model of [ana, luis]) model.entries.set(path, entry);
      for (const [time, [writer, other]] of [
        [ana, luis] as const,
        [ana, luis] as const,
        [luis, ana] as const,
        [luis, ana] as const,
        [ana, luis] as const,
      ].entries()) {
        writer.write(path, `edit ${time}`);
        for (let round = 0; round < 3; round += 1) {
          ana.hear(luis);
          luis.hear(ana);
          ana.work();
          luis.work();
        }
        t.deepEqual(writer.files, { x: `edit ${time}` });
        t.deepEqual(other.files, { x: `edit ${time}` });
      }
    });
  }
}
