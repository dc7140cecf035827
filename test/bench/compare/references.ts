import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from '../../support/programs.ts';
import { bytesSent, cpuSeconds, peakMemory } from './costs.ts';
import type { Costs, Mover, Place } from './mover.ts';
import { syncthing } from './syncthing.ts';
import type { Workload } from './workload.ts';

interface Reference {
  readonly name: string;
  readonly encrypted: boolean;
  readonly programs: readonly string[];
  readonly singleFileOnly: boolean;
  /** Writes what the server needs and says how to start it; it is ready when it listens on `port`. */
  serve(place: Place): { readonly command: string; readonly args: readonly string[]; readonly port: number };
  /** The shell command that fetches `payload` into the receiver's folder. */
  fetch(place: Place): string;
}

/** In place it could not take blocks from where it has written already; the delta is what a changed file is about. */
const rsyncOptions = (place: Place) => (place.isChange ? '-a --no-whole-file' : '-a --inplace');

const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  nginx: 'nginx-light',
  aria2c: 'aria2',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
};

const REFERENCES: readonly Reference[] = [
  {
    name: 'rsync',
    encrypted: false,
    programs: ['rsync'],
    singleFileOnly: false,
    serve({ folders }) {
      const file = join(folders.scratch, 'rsyncd.conf');
      writeFileSync(file, `use chroot = no\nuid = 0\ngid = 0\n[shared]\npath = ${folders.source}\n`);
      return {
        command: 'rsync',
        args: ['--daemon', '--no-detach', `--config=${file}`, '--port=8730'],
        port: 8730,
      };
    },
    fetch: (place) =>
      `rsync ${rsyncOptions(place)} rsync://${place.source.address}:8730/shared/payload ${place.folders.receiver}/`,
  },
  {
    name: 'rsync over ssh',
    encrypted: true,
    programs: ['rsync', 'sshd', 'ssh'],
    singleFileOnly: false,
    serve({ folders }) {
      const key = join(folders.scratch, 'key');
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
      mkdirSync('/run/sshd', { recursive: true });
      const options = ['-D', '-e', '-f', '/dev/null', '-p', '8722', '-h', key, '-o', 'PidFile=none'];
      options.push(
        '-o',
        `AuthorizedKeysFile=${key}.pub`,
        '-o',
        'StrictModes=no',
        '-o',
        'PermitRootLogin=yes',
      );
      return { command: programPath('sshd')!, args: options, port: 8722 };
    },
    fetch: (place) => {
      const { source, folders } = place;
      const shell = `ssh -p 8722 -i ${folders.scratch}/key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
      return `rsync ${rsyncOptions(place)} -e '${shell}' ${source.address}:${folders.source}/payload ${folders.receiver}/`;
    },
  },
  nginx({ name: 'nginx and curl', encrypted: false, fetch: curl }),
  nginx({ name: 'nginx-TLS and curl', encrypted: true, fetch: curl }),
  nginx({
    name: 'nginx and aria2',
    encrypted: false,
    fetch: (url, folder) => `aria2c -q --file-allocation=none -x4 -s4 -k1M -d ${folder} ${url}`,
  }),
];

function curl(url: string, folder: string): string {
  return `curl -sSfk -o ${folder}/payload ${url}`;
}

function nginx(options: {
  name: string;
  encrypted: boolean;
  fetch: (url: string, folder: string) => string;
}): Reference {
  const { name, encrypted } = options;
  const port = encrypted ? 8443 : 8080;
  return {
    name,
    encrypted,
    programs: ['nginx', name.endsWith('aria2') ? 'aria2c' : 'curl'],
    singleFileOnly: true,
    serve({ folders }) {
      const { scratch } = folders;
      const certificate = join(scratch, 'tls.crt');
      const key = join(scratch, 'tls.key');
      const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
      execFileSync('openssl', [...request, '-subj', '/CN=bench', '-out', certificate, '-keyout', key], {
        stdio: 'ignore',
      });
      const tls = `ssl_certificate ${certificate}; ssl_certificate_key ${key}; ssl_protocols TLSv1.3;`;
      const file = join(scratch, 'nginx.conf');
      writeFileSync(
        file,
        `daemon off; user root; worker_processes 1; pid ${scratch}/nginx.pid; error_log ${scratch}/nginx.log;
         events {} http { access_log off; sendfile on; tcp_nopush on; server {
         listen ${port}${encrypted ? ' ssl' : ''}; root ${folders.source}; ${encrypted ? tls : ''} } }\n`,
      );
      return { command: programPath('nginx')!, args: ['-c', file, '-e', `${scratch}/nginx.log`], port };
    },
    fetch: ({ source, folders }) =>
      options.fetch(`${encrypted ? 'https' : 'http'}://${source.address}:${port}/payload`, folders.receiver),
  };
}

/** The tools of this machine that can be compared with; those that are not installed are named by `missing`. */
export function references(): { movers: Mover[]; missing: string[] } {
  const movers: Mover[] = [];
  const missing: string[] = [];
  for (const reference of REFERENCES) {
    const lacking = reference.programs.filter((program) => programPath(program) === undefined);
    const packages = lacking.map((program) => DEBIAN_PACKAGES[program] ?? program);
    if (lacking.length > 0) missing.push(`${reference.name} (Debian: ${packages.join(', ')})`);
    else movers.push(moverOf(reference));
  }
  if (['syncthing', 'curl'].every((program) => programPath(program) !== undefined)) movers.push(syncthing);
  else missing.push('syncthing (Debian: syncthing, curl)');
  return { movers, missing };
}

function moverOf(reference: Reference): Mover {
  return {
    name: reference.name,
    encrypted: reference.encrypted,
    can: (workload: Workload) => workload.singleFile || !reference.singleFileOnly,
    async move(place, appear): Promise<Costs> {
      const { command, args, port } = reference.serve(place);
      // rsync takes a socket as its standard input for a caller's.
      const server = place.source.spawn('bash', ['-c', 'exec "$0" "$@" </dev/null', command, ...args]);
      await listening(place, port);
      const cpuBefore = cpuSeconds(server.pid);
      const sentBefore = bytesSent(place.source);
      await appear();
      const started = performance.now();
      // The shell's own `time` adds up what the fetching programs took; `sync -d` would do nothing in memory.
      const script = `TIMEFORMAT='%U %S'; time { ${reference.fetch(place)}; }`;
      const client = place.receiver.spawn('bash', ['-c', script]);
      const code = await client.exited;
      const seconds = (performance.now() - started) / 1000;
      if (code !== 0) throw new Error(`${reference.name} ended with ${code}: ${client.stderr}`);
      const [user = 0, system = 0] = client.stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
      const costs: Costs = {
        seconds,
        cpu: user + system + cpuSeconds(server.pid) - cpuBefore,
        memory: peakMemory(server.pid),
        sent: bytesSent(place.source) - sentBefore,
      };
      server.kill('SIGTERM');
      await server.exited;
      return costs;
    },
  };
}

async function listening({ source, receiver }: Place, port: number): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const probe = receiver.spawn('bash', ['-c', `exec 3<>/dev/tcp/${source.address}/${port}`]);
    if ((await probe.exited) === 0) return;
    if (tries > 300) throw new Error(`nobody listens on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
