import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabHost } from '../../support/lab-host.ts';
import { programPath } from '../../support/programs.ts';
import { polled } from '../../support/polling.ts';
import { inLab, met } from './finding.ts';
import type { Gate } from './gate.ts';

const SERVICE = '_compartidos._tcp';
const BUS_CONFIG = (socket: string): string => `<busconfig>
  <type>custom</type><listen>unix:path=${socket}</listen>
  <policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
  <allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>`;
const ZEROCONF = `
import sys, time
from zeroconf import Zeroconf, ServiceBrowser
class Listener:
    def add_service(self, zc, kind, name):
        info = zc.get_service_info(kind, name)
        print('found', name, info and info.port, flush=True)
    def remove_service(self, *_): pass
    def update_service(self, *_): pass
zc = Zeroconf()
ServiceBrowser(zc, '${SERVICE}.local.', Listener())
time.sleep(600)
`;

/** The Python that has zeroconf: a Debian package belongs to the system's own. */
async function pythonWithZeroconf(host: LabHost): Promise<string | undefined> {
  for (const python of ['/usr/bin/python3', programPath('python3')]) {
    if (python === undefined || !existsSync(python)) continue;
    const found = await host.exec(python, ['-c', 'import zeroconf']).catch(() => undefined);
    if (found) return python;
  }
  return undefined;
}

/** Runs a D-Bus and an avahi-daemon on `host`; returns a function that browses through it. */
async function runAvahi(host: LabHost, folder: string): Promise<() => Promise<string>> {
  const socket = join(folder, 'bus');
  const config = join(folder, 'bus.conf');
  writeFileSync(config, BUS_CONFIG(socket));
  const env = { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${socket}` };
  host.spawn('dbus-daemon', [`--config-file=${config}`, '--nofork']);
  await polled(20, () => existsSync(socket));
  // The daemon's folder is its own in the mount namespace that `ip netns exec` makes.
  const script =
    'mkdir -p /run/avahi-daemon; mount -t tmpfs none /run/avahi-daemon; exec avahi-daemon --no-drop-root --no-chroot --no-rlimits -f "$1"';
  const avahiConfig = join(folder, 'avahi.conf');
  writeFileSync(avahiConfig, `[server]\nhost-name=${host.name}\nuse-ipv4=yes\nuse-ipv6=yes\n`);
  const daemon = host.spawn('sh', ['-c', script, 'sh', avahiConfig], { env });
  const browse = async (): Promise<string> => {
    const browser = host.spawn('avahi-browse', ['-rpt', SERVICE], { env });
    await browser.exited;
    return browser.lines.map(({ text }) => text).join('\n') + browser.stderr;
  };
  const answers = async () => {
    if (daemon.ended) throw new Error(`avahi-daemon ended: ${daemon.stderr}`);
    return !(await browse()).includes('Failed');
  };
  if (await polled(100, answers, 100)) return browse;
  throw new Error(`avahi-daemon does not answer: ${daemon.stderr}`);
}

/** Beside other mDNS software, on the same host and on the same network. */
export const coexistenceGates: readonly Gate[] = [
  {
    id: 'beside',
    title: 'avahi and python-zeroconf see the service, on its own host, and newcomers are found beside them',
    limit: 2,
    unit: 'of 2',
    atLeast: true,
    measure: (start) =>
      inLab({ hosts: ['a', 'b', 'c'] }, async (lab) => {
        for (const program of ['avahi-daemon', 'avahi-browse', 'dbus-daemon']) {
          if (programPath(program) === undefined)
            return `${program} is not installed (Debian: avahi-daemon, avahi-utils)`;
        }
        const host = lab.host('a');
        const python = await pythonWithZeroconf(host);
        if (python === undefined)
          return 'the Python package zeroconf is not installed (Debian: python3-zeroconf)';
        const folder = mkdtempSync(join(tmpdir(), 'beside-'));
        try {
          const browse = await runAvahi(host, folder);
          const zeroconf = host.spawn(python, ['-c', ZEROCONF]);
          const a = await start(host);
          const b = await start(lab.host('b'));
          await met(a, b);
          const services = async (): Promise<Set<string>> => {
            const lines = (await browse()).split('\n').filter((line) => line.startsWith('='));
            return new Set(lines.map((line) => line.split(';')[3] ?? ''));
          };
          let seenByAvahi = await services();
          for (let attempt = 0; attempt < 5 && seenByAvahi.size < 2; attempt++)
            seenByAvahi = await services();
          await polled(100, () => found(zeroconf.lines) >= 2, 100);
          await met(a, await start(lab.host('c')));
          const lost = a.count('peer.disconnected') + b.count('peer.disconnected');
          return {
            value: lost > 0 ? 0 : Math.min(seenByAvahi.size, found(zeroconf.lines)),
            note: `avahi resolves ${seenByAvahi.size}, zeroconf ${found(zeroconf.lines)}; ${lost} sessions lost`,
          };
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      }),
  },
];

function found(lines: readonly { text: string }[]): number {
  return new Set(lines.map(({ text }) => text).filter((text) => /^found .* \d+$/.test(text))).size;
}
