import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabHost } from '../../support/lab-host.ts';
import type { LabProcess } from '../../support/lab-process.ts';
import { polled } from '../../support/polling.ts';
import { bytesSent, cpuSeconds, peakMemory } from './costs.ts';
import { arrived } from './arrival.ts';
import type { Costs, Mover, Side } from './mover.ts';

const API_KEY = 'bench';
const POLL_MS = 100;
const MAX_POLLS = 1200;

interface Member {
  readonly host: LabHost;
  readonly home: string;
  readonly folder: string;
  readonly id: string;
}

/** Syncthings that know each other's addresses: nothing of discovery, relays or reports. */
export const syncthing: Mover = {
  name: 'syncthing',
  encrypted: true,
  can: () => true,
  async move({ source, receivers, scratch }, appear, expected): Promise<Costs> {
    const members = [source, ...receivers].map((side) => prepare(side, scratch));
    const processes = members.map((member) => start(member, members));
    for (const member of members) await inSync(member, members);
    const cpu = () => processes.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
    const before = cpu();
    const sentBefore = bytesSent(source.host);
    await appear();
    const started = performance.now();
    const arriving = receivers.map(({ folder }, index) => ({ folder, process: processes[index + 1]! }));
    await arrived(arriving, expected);
    const costs: Costs = {
      seconds: (performance.now() - started) / 1000,
      cpu: cpu() - before,
      memory: Math.max(...processes.map(({ pid }) => peakMemory(pid))),
      sent: bytesSent(source.host) - sentBefore,
    };
    for (const process of processes) {
      process.kill('SIGTERM');
      await process.exited;
    }
    return costs;
  },
};

function prepare({ host, folder }: Side, scratch: string): Member {
  const home = join(scratch, `syncthing ${host.name}`);
  execFileSync('syncthing', ['generate', `--home=${home}`, '--no-default-folder'], { stdio: 'ignore' });
  const id = /<device id="([A-Z0-9-]+)"/.exec(readFileSync(join(home, 'config.xml'), 'utf8'))![1]!;
  execFileSync('mkdir', ['-p', join(folder, '.stfolder')]);
  return { host, home, folder, id };
}

function start({ host, home, folder }: Member, members: readonly Member[]): LabProcess {
  const devices = members.map(
    (one) => `<device id="${one.id}"><address>tcp://${one.host.address}:22000</address></device>`,
  );
  const sharers = members.map(({ id }) => `<device id="${id}"></device>`).join('');
  const off = ['globalAnnounceEnabled', 'localAnnounceEnabled', 'relaysEnabled', 'natEnabled', 'startBrowser']
    .concat('crashReportingEnabled')
    .map((name) => `<${name}>false</${name}>`)
    .join('');
  writeFileSync(
    join(home, 'config.xml'),
    `<configuration version="36">
       <folder id="bench" path="${folder}" type="sendreceive" fsWatcherEnabled="true" fsWatcherDelayS="1"
         rescanIntervalS="3600">${sharers}<minDiskFree unit="%">0</minDiskFree></folder>
       ${devices.join('')}
       <gui enabled="true"><address>127.0.0.1:8384</address><apikey>${API_KEY}</apikey></gui>
       <options><listenAddress>tcp://0.0.0.0:22000</listenAddress>${off}<urAccepted>-1</urAccepted>
         <reconnectionIntervalS>1</reconnectionIntervalS><autoUpgradeIntervalH>0</autoUpgradeIntervalH></options>
     </configuration>\n`,
  );
  return host.spawn('syncthing', ['serve', `--home=${home}`, '--no-browser', '--no-restart', '--no-upgrade']);
}

/** Waits until the folder is scanned here, and all others are connected and lack nothing. */
async function inSync({ host, id }: Member, members: readonly Member[]): Promise<void> {
  const others = members.filter((one) => one.id !== id);
  const isInSync = async () => {
    const asked = await ask(host, 'system/connections');
    const isConnected = asked?.split('"connected": true').length === others.length + 1;
    const completions = isConnected
      ? others.map((other) => ask(host, `db/completion?folder=bench&device=${other.id}`))
      : [];
    const complete = (await Promise.all(completions)).filter((text) => text?.includes('"completion": 100,'));
    const state = await ask(host, 'db/status?folder=bench');
    return complete.length === others.length && (state?.includes('"state": "idle"') ?? false);
  };
  if (!(await polled(POLL_MS, isInSync, MAX_POLLS))) throw new Error('the syncthings do not come together');
}

async function ask(host: LabHost, what: string): Promise<string | undefined> {
  const url = `http://127.0.0.1:8384/rest/${what}`;
  const answer = host.exec('curl', ['-sSf', '-H', `X-API-Key: ${API_KEY}`, url]);
  return answer.then(({ stdout }) => stdout).catch(() => undefined);
}
