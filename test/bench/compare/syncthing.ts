import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabHost } from '../../support/lab-host.ts';
import type { LabProcess } from '../../support/lab-process.ts';
import { bytesSent, cpuSeconds, peakMemory } from './costs.ts';
import { arrived } from './arrival.ts';
import type { Costs, Mover, Place } from './mover.ts';

const API_KEY = 'bench';
const POLL_MS = 100;

interface Side {
  readonly host: LabHost;
  readonly home: string;
  readonly folder: string;
  readonly id: string;
}

/** Two syncthings that know each other's address: nothing of discovery, relays or reports. */
export const syncthing: Mover = {
  name: 'syncthing',
  encrypted: true,
  can: () => true,
  async move(place, appear, expected): Promise<Costs> {
    const { folders, source, receiver } = place;
    const sides = [side(place, source, folders.source), side(place, receiver, folders.receiver)] as const;
    const [from, to] = sides.map((one) => start(one, sides)) as [LabProcess, LabProcess];
    for (const one of sides) await inSync(one, sides);
    const cpu = () => cpuSeconds(from.pid) + cpuSeconds(to.pid);
    const before = cpu();
    const sentBefore = bytesSent(source);
    await appear();
    const started = performance.now();
    await arrived(folders.receiver, expected, to);
    const costs: Costs = {
      seconds: (performance.now() - started) / 1000,
      cpu: cpu() - before,
      memory: Math.max(peakMemory(from.pid), peakMemory(to.pid)),
      sent: bytesSent(source) - sentBefore,
    };
    for (const process of [from, to]) {
      process.kill('SIGTERM');
      await process.exited;
    }
    return costs;
  },
};

function side({ folders }: Place, host: LabHost, folder: string): Side {
  const home = join(folders.scratch, `syncthing ${host.name}`);
  execFileSync('syncthing', ['generate', `--home=${home}`, '--no-default-folder'], { stdio: 'ignore' });
  const id = /<device id="([A-Z0-9-]+)"/.exec(readFileSync(join(home, 'config.xml'), 'utf8'))![1]!;
  execFileSync('mkdir', ['-p', join(folder, '.stfolder')]);
  return { host, home, folder, id };
}

function start({ host, home, folder }: Side, sides: readonly Side[]): LabProcess {
  const devices = sides.map(
    (one) => `<device id="${one.id}"><address>tcp://${one.host.address}:22000</address></device>`,
  );
  const members = sides.map(({ id }) => `<device id="${id}"></device>`).join('');
  const off = ['globalAnnounceEnabled', 'localAnnounceEnabled', 'relaysEnabled', 'natEnabled', 'startBrowser']
    .concat('crashReportingEnabled')
    .map((name) => `<${name}>false</${name}>`)
    .join('');
  writeFileSync(
    join(home, 'config.xml'),
    `<configuration version="36">
       <folder id="bench" path="${folder}" type="sendreceive" fsWatcherEnabled="true" fsWatcherDelayS="1"
         rescanIntervalS="3600">${members}<minDiskFree unit="%">0</minDiskFree></folder>
       ${devices.join('')}
       <gui enabled="true"><address>127.0.0.1:8384</address><apikey>${API_KEY}</apikey></gui>
       <options><listenAddress>tcp://0.0.0.0:22000</listenAddress>${off}<urAccepted>-1</urAccepted>
         <reconnectionIntervalS>1</reconnectionIntervalS><autoUpgradeIntervalH>0</autoUpgradeIntervalH></options>
     </configuration>\n`,
  );
  return host.spawn('syncthing', ['serve', `--home=${home}`, '--no-browser', '--no-restart', '--no-upgrade']);
}

/** Waits until the folder is scanned here, and the other side is connected and lacks nothing. */
async function inSync({ host, id }: Side, sides: readonly Side[]): Promise<void> {
  const other = sides.find((one) => one.id !== id)!.id;
  for (let tries = 0; tries < 1200; tries += 1) {
    const url = `http://127.0.0.1:8384/rest/db/completion?folder=bench&device=${other}`;
    const asked = await ask(host, 'http://127.0.0.1:8384/rest/system/connections');
    const isConnected = asked?.includes('"connected": true') ?? false;
    const completion = isConnected ? await ask(host, url) : undefined;
    const state = await ask(host, 'http://127.0.0.1:8384/rest/db/status?folder=bench');
    if (completion?.includes('"completion": 100,') && state?.includes('"state": "idle"')) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error('the two syncthings do not come together');
}

async function ask(host: LabHost, url: string): Promise<string | undefined> {
  const answer = host.exec('curl', ['-sSf', '-H', `X-API-Key: ${API_KEY}`, url]);
  return answer.then(({ stdout }) => stdout).catch(() => undefined);
}
