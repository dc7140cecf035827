import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { polled } from './polling.ts';
import { programPath } from './programs.ts';
import { LabProcess, type LabProcessOptions } from './lab-process.ts';

const run = promisify(execFile);

export interface LabHostOptions {
  readonly namespace: string;
  readonly switchNamespace: string;
  /** 1…254: the last byte of its IPv4 addresses. */
  readonly number: number;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** Makes the bridge of a segment if need be, and returns its name. */
  readonly bridge: (segment: number) => Promise<string>;
}

export interface NicOptions {
  /** `eth0` by default. */
  readonly name?: string;
  /** The network it is plugged into, 1…254; 1 by default. 0 plugs it into nothing (it has a link, and is alone). */
  readonly segment?: number;
  /** IPv4 address without prefix length (it is 24); `10.77.SEGMENT.NUMBER` by default. */
  readonly address?: string;
}

interface Nic extends Required<NicOptions> {
  readonly mac: string;
}

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** One host of a Lab. Network changes take effect before the promise resolves. */
export class LabHost {
  readonly name: string;
  readonly namespace: string;
  readonly #options: LabHostOptions;
  readonly #nics = new Map<string, Nic>();
  readonly #processes = new Set<LabProcess>();

  constructor(name: string, options: LabHostOptions) {
    this.name = name;
    this.namespace = options.namespace;
    this.#options = options;
  }

  /** The IPv4 address of `eth0`. @throws Error when it has none. */
  get address(): string {
    return this.addressOf('eth0');
  }

  addressOf(nic: string): string {
    return this.#nic(nic).address;
  }

  /** Starts a program on this host. It is killed when the lab is destroyed. */
  spawn(command: string, args: readonly string[] = [], options: LabProcessOptions = {}): LabProcess {
    const child = new LabProcess('ip', ['netns', 'exec', this.namespace, command, ...args], options);
    this.#processes.add(child);
    void child.exited.then(() => this.#processes.delete(child));
    return child;
  }

  /** Runs a program on this host to its end. Rejects when its exit code is not 0. */
  exec(command: string, args: readonly string[] = []): Promise<ExecResult> {
    return run('ip', ['netns', 'exec', this.namespace, command, ...args], { encoding: 'utf8' });
  }

  /** Makes the namespace; the Lab calls it. */
  async create(): Promise<void> {
    await run('ip', ['netns', 'add', this.namespace]);
    if (!this.#options.ipv6) {
      for (const which of ['all', 'default']) {
        const key = `/proc/sys/net/ipv6/conf/${which}/disable_ipv6`;
        await this.exec('sh', ['-c', `echo 1 > ${key}`]).catch(() => {});
      }
    }
    await this.#ip('link', 'set', 'lo', 'up');
  }

  /** Plugs in a network card. */
  async addNic({ name = 'eth0', segment = 1, address }: NicOptions = {}): Promise<void> {
    const index = this.#nics.size;
    const hex = (value: number): string => value.toString(16).padStart(2, '0');
    const nic = {
      name,
      segment,
      address: address ?? `10.77.${segment}.${this.#options.number}`,
      mac: `02:77:${hex(segment)}:00:${hex(index)}:${hex(this.#options.number)}`,
    };
    this.#nics.set(name, nic);
    await this.#plug(nic);
  }

  async removeNic(name = 'eth0'): Promise<void> {
    this.#nics.delete(name);
    await this.#ip('link', 'del', name);
  }

  /** Takes a card out and puts it back with the same name, MAC and address, as a USB adapter or a VM does. */
  async recreateNic(name = 'eth0'): Promise<void> {
    const nic = this.#nic(name);
    await this.#ip('link', 'del', name);
    await this.#plug(nic);
  }

  /** Replaces the IPv4 address of a card. */
  async changeAddress(address: string, name = 'eth0'): Promise<void> {
    const nic = this.#nic(name);
    await this.#ip('addr', 'del', `${nic.address}/24`, 'dev', name);
    await this.#ip('addr', 'add', `${address}/24`, 'dev', name);
    this.#nics.set(name, { ...nic, address });
  }

  /**
   * Cuts the link of a card: `cable` as if the cable were pulled, so that the host sees the link go down; `switch`
   * as if the switch had died behind it, so that packets vanish and the host sees nothing.
   */
  async cut(how: 'cable' | 'switch' = 'cable', name = 'eth0'): Promise<void> {
    await this.#port(name, ...(how === 'cable' ? ['down'] : ['nomaster']));
  }

  /** Undoes `cut`. */
  async restore(name = 'eth0'): Promise<void> {
    const { segment } = this.#nic(name);
    if (segment !== 0) await this.#port(name, 'master', await this.#options.bridge(segment));
    await this.#port(name, 'up');
    await this.#linkUp(name);
  }

  /** Drops `percent` of the packets that arrive, at random; 0 drops none. Not those of `lo`. */
  async drop(percent: number): Promise<void> {
    await this.exec(programPath('nft') ?? 'nft', ['delete', 'table', 'inet', 'lab']).catch(() => {});
    if (percent === 0) return;
    await this.exec(programPath('nft') ?? 'nft', [
      'add table inet lab; add chain inet lab input { type filter hook input priority 0; }; ' +
        `add rule inet lab input iifname != "lo" ${percent < 100 ? `numgen random mod 100 < ${percent} ` : ''}drop`,
    ]);
  }

  /** Ends its processes and removes it. Idempotent. */
  async destroy(): Promise<void> {
    const running = [...this.#processes];
    for (const child of running) child.kill('SIGKILL');
    await Promise.all(running.map((child) => child.exited));
    const pids = await run('ip', ['netns', 'pids', this.namespace]).catch(() => ({ stdout: '' }));
    for (const pid of pids.stdout.split('\n').filter(Boolean)) await run('kill', ['-9', pid]).catch(() => {});
    await run('ip', ['netns', 'del', this.namespace]).catch(() => {});
  }

  async #plug({ name, segment, address, mac }: Nic): Promise<void> {
    const port = this.#portName(name);
    const peer = ['peer', 'name', port, 'netns', this.#options.switchNamespace];
    await this.#ip('link', 'add', name, 'address', mac, 'type', 'veth', ...peer);
    if (segment !== 0) await this.#port(name, 'master', await this.#options.bridge(segment));
    await this.#port(name, 'up');
    if (this.#options.ipv4) await this.#ip('addr', 'add', `${address}/24`, 'dev', name);
    await this.#ip('link', 'set', name, 'up');
    await this.#linkUp(name);
  }

  /** The kernel reports carrier changes at most once a second. */
  async #linkUp(name: string): Promise<void> {
    const isUp = async () => (await this.#ip('link', 'show', name)).stdout.includes('state UP');
    if (!(await polled(30, isUp, 100))) throw new Error(`${name} of ${this.name} did not come up`);
  }

  #nic(name: string): Nic {
    const nic = this.#nics.get(name);
    if (!nic) throw new Error(`host ${this.name} has no ${name}`);
    return nic;
  }

  /** Interface names have at most 15 characters. */
  #portName(nic: string): string {
    return `p${this.#options.number}-${nic}`.slice(0, 15);
  }

  async #port(nic: string, ...change: string[]): Promise<void> {
    await run('ip', ['-n', this.#options.switchNamespace, 'link', 'set', this.#portName(nic), ...change]);
  }

  #ip(...args: string[]): Promise<ExecResult> {
    return run('ip', ['-n', this.namespace, ...args], { encoding: 'utf8' });
  }
}
