import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LINES = 15;
const ROOT = join(import.meta.dirname, '..', '..', '..');

/** What `node --cpu-prof` writes, of which this reads; times in µs. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Prints, for each folder of profiles in `folder`, the functions in which the time went, of all threads together. */
export function printProfiles(folder: string): void {
  if (!existsSync(folder)) return;
  for (const side of readdirSync(folder).sort()) {
    const times = new Map<string, number>();
    for (const name of readdirSync(join(folder, side))) {
      addSelfTimes(times, JSON.parse(readFileSync(join(folder, side, name), 'utf8')) as CpuProfile);
    }
    const busy = [...times.values()].reduce((sum, time) => sum + time, 0);
    console.log(`  ${side}: ${(busy / 1e6).toFixed(2)} s in JavaScript threads, from start to end; of that`);
    const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, LINES);
    for (const [place, time] of sorted) {
      console.log(`    ${((time / busy) * 100).toFixed(1).padStart(5)} %  ${place}`);
    }
  }
}

function addSelfTimes(times: Map<string, number>, { nodes, samples, timeDeltas }: CpuProfile): void {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  samples.forEach((id, index) => {
    const place = places.get(id)!;
    // Each is the time since the sample before.
    const time = timeDeltas[index + 1] ?? 0;
    if (place !== '(idle)') times.set(place, (times.get(place) ?? 0) + time);
  });
}

function placeOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName || '(anonymous)';
  const path = url.startsWith('file:') ? fileURLToPath(url).replace(`${ROOT}/`, '') : url;
  return path === '' ? name : `${name}  ${path.replace(/^\.build\//, '').replace(/^.*node_modules\//, '')}`;
}
