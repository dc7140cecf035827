import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from '../../support/programs.ts';
import { bittorrent } from './bittorrent.ts';
import type { Mover, Place } from './mover.ts';
import { moverOf, type Reference } from './reference.ts';
import { syncthing } from './syncthing.ts';
import type { Workload } from './workload.ts';

/** In place it could not take blocks from where it has written already; the delta is what a changed file is about. */
const rsyncOptions = (place: Place) => (place.isChange ? '-a --no-whole-file' : '-a --inplace');

const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  nginx: 'nginx-light',
  aria2c: 'aria2',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
};

/** To several at once only the best of those that encrypt have a chance. */
const toOne = ({ receivers = 1 }: Workload): boolean => receivers === 1;

const REFERENCES: readonly Reference[] = [
  {
    name: 'rsync',
    encrypted: false,
    programs: ['rsync'],
    can: toOne,
    serve({ source, scratch }) {
      const file = join(scratch, 'rsyncd.conf');
      writeFileSync(file, `use chroot = no\nuid = 0\ngid = 0\n[shared]\npath = ${source.folder}\n`);
      return {
        command: 'rsync',
        args: ['--daemon', '--no-detach', `--config=${file}`, '--port=8730'],
        port: 8730,
      };
    },
    fetch: (place, { folder }) =>
      `rsync ${rsyncOptions(place)} rsync://${place.source.host.address}:8730/shared/payload ${folder}/`,
  },
  {
    name: 'rsync over ssh',
    encrypted: true,
    programs: ['rsync', 'sshd', 'ssh'],
    can: () => true,
    serve({ scratch }) {
      const key = join(scratch, 'key');
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
    fetch: (place, { folder }) => {
      const { source, scratch } = place;
      const shell = `ssh -p 8722 -i ${scratch}/key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
      return `rsync ${rsyncOptions(place)} -e '${shell}' ${source.host.address}:${source.folder}/payload ${folder}/`;
    },
  },
  nginx({ name: 'nginx and curl', encrypted: false, fetch: curl }),
  nginx({ name: 'nginx-TLS and curl', encrypted: true, fetch: curl }),
  nginx({
    name: 'nginx and aria2',
    encrypted: false,
    fetch: (url, folder) =>
      `aria2c -q --file-allocation=none --allow-overwrite=true -x4 -s4 -k1M -d ${folder} ${url}`,
  }),
  bittorrent,
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
    can: (workload) => workload.singleFile && (encrypted || toOne(workload)),
    serve({ source, scratch }) {
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
         listen ${port}${encrypted ? ' ssl' : ''}; root ${source.folder}; ${encrypted ? tls : ''} } }\n`,
      );
      return { command: programPath('nginx')!, args: ['-c', file, '-e', `${scratch}/nginx.log`], port };
    },
    fetch: ({ source }, { folder }) =>
      options.fetch(`${encrypted ? 'https' : 'http'}://${source.host.address}:${port}/payload`, folder),
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
