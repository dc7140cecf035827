import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { programPath } from './programs.ts';
import { LabHost } from './lab-host.ts';

const run = promisify(execFile);
const NAMESPACES = '/run/netns';

/** Labs of this process that still exist: they are taken down with it. */
const labs = new Set<Lab>();
let created = 0;

export interface LabOptions {
  /** One network namespace each; short names, unique in the lab. */
  readonly hosts: readonly string[];
  /** Whether each host gets `eth0` on segment 1 at once; true by default. */
  readonly connected?: boolean;
  /** Whether the hosts have IPv6 (link-local addresses); true by default. */
  readonly ipv6?: boolean;
  /** Whether the hosts have IPv4 (10.77.SEGMENT.NUMBER/24); true by default. */
  readonly ipv4?: boolean;
}

/**
 * A network of our own on one machine: a namespace for each host, joined by a bridge in a namespace that stands for
 * the switch. Nothing of it reaches the machine's network. `destroy` removes it; so do the end of this process and
 * SIGINT. Root only: ask `available` first.
 */
export class Lab {
  readonly #prefix = `cp${process.pid}-${++created}`;
  readonly #options: LabOptions;
  readonly #hosts = new Map<string, LabHost>();
  readonly #segments = new Set<number>();

  private constructor(options: LabOptions) {
    this.#options = options;
  }

  /** Why labs cannot run here, in one line; undefined when they can. */
  static available(): string | undefined {
    if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
    if (process.getuid?.() !== 0) return 'network namespaces need root';
    for (const program of ['ip', 'nft']) {
      if (programPath(program) === undefined) return `the program ${program} is not installed`;
    }
    const name = `cp${process.pid}-probe`;
    const probe = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
    spawnSync('ip', ['netns', 'del', name]);
    return probe.status === 0 ? undefined : `no network namespace can be made: ${probe.stderr.trim()}`;
  }

  static async create(options: LabOptions): Promise<Lab> {
    await removeLeftovers();
    const lab = new Lab(options);
    labs.add(lab);
    try {
      await run('ip', ['netns', 'add', lab.switchNamespace]);
      for (const name of options.hosts) await lab.addHost(name);
    } catch (error) {
      await lab.destroy();
      throw error;
    }
    return lab;
  }

  /** The namespace of the bridges. */
  get switchNamespace(): string {
    return `${this.#prefix}-switch`;
  }

  /** @throws Error when there is no such host. */
  host(name: string): LabHost {
    const host = this.#hosts.get(name);
    if (!host) throw new Error(`no host ${name} in the lab`);
    return host;
  }

  get hosts(): LabHost[] {
    return [...this.#hosts.values()];
  }

  /** Adds a host; `connected` false leaves it without a network. */
  async addHost(name: string, { connected = this.#options.connected ?? true } = {}): Promise<LabHost> {
    if (this.#hosts.has(name)) throw new Error(`host ${name} is there already`);
    const host = new LabHost(name, {
      namespace: `${this.#prefix}-${name}`,
      switchNamespace: this.switchNamespace,
      number: this.#hosts.size + 1,
      ipv4: this.#options.ipv4 ?? true,
      ipv6: this.#options.ipv6 ?? true,
      bridge: (segment) => this.#bridge(segment),
    });
    this.#hosts.set(name, host);
    await host.create();
    if (connected) await host.addNic();
    return host;
  }

  /** Ends every process in the lab and removes it. Idempotent. */
  async destroy(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.destroy()));
    await run('ip', ['netns', 'del', this.switchNamespace]).catch(() => {});
    labs.delete(this);
  }

  /** The same, from a handler that cannot wait. */
  destroyNow(): void {
    for (const host of this.hosts) {
      const pids = spawnSync('ip', ['netns', 'pids', host.namespace], { encoding: 'utf8' }).stdout ?? '';
      for (const pid of pids.split('\n').filter(Boolean)) spawnSync('kill', ['-9', pid]);
      spawnSync('ip', ['netns', 'del', host.namespace]);
    }
    spawnSync('ip', ['netns', 'del', this.switchNamespace]);
    labs.delete(this);
  }

  async #bridge(segment: number): Promise<string> {
    const bridge = `br${segment}`;
    if (this.#segments.has(segment)) return bridge;
    this.#segments.add(segment);
    const inSwitch = ['-n', this.switchNamespace, 'link'];
    await run('ip', [...inSwitch, 'add', bridge, 'type', 'bridge', 'mcast_snooping', '0']);
    await run('ip', [...inSwitch, 'set', bridge, 'up']);
    return bridge;
  }
}

/** Namespaces of a process that was killed before it could remove them. */
async function removeLeftovers(): Promise<void> {
  const names = await readdir(NAMESPACES).catch(() => []);
  for (const name of names) {
    const pid = /^cp(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      await run('ip', ['netns', 'del', name]).catch(() => {});
  }
}

function destroyAll(): void {
  for (const lab of [...labs]) lab.destroyNow();
}

process.once('exit', destroyAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    destroyAll();
    process.kill(process.pid, signal);
  });
}
