import { readdir, readFile, stat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { sentenceLine } from '../../src/logging/log-line.ts';
import { openLog, type LogOptions } from '../../src/logging/open-log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NOON = Date.UTC(2026, 10, 22, 12);

async function optionsFor(t: ExecutionContext, lines: string[]): Promise<LogOptions> {
  return {
    level: 'info',
    file: join(await temporaryFolder(t), 'log', 'agent.log'),
    maxSize: 1e6,
    files: 3,
    language: 'en',
    show: (shown) => lines.push(sentenceLine(shown)),
    now: () => NOON,
  };
}

test('an event becomes a JSON line in a private file and a sentence for people', async (t) => {
  const lines: string[] = [];
  const options = await optionsFor(t, lines);
  const log = openLog(options);
  log.info('config.reloaded', { file: 'x' });
  log.warn('something.unnamed', { level: 'spoofed', name: 'a\u001b[2J\nb' });
  log.debug('never.kept');
  await log.close();
  const text = await readFile(options.file, 'utf8');
  t.deepEqual(
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    [
      { time: '2026-11-22T12:00:00.000Z', level: 'info', event: 'config.reloaded', file: 'x' },
      { time: '2026-11-22T12:00:00.000Z', level: 'warn', event: 'something.unnamed', name: 'a\u001b[2J\nb' },
    ],
  );
  t.is((await stat(options.file)).mode & 0o777, 0o600);
  t.regex(lines[0]!, /^\d\d:00:00 The configuration was read again\.$/);
  t.regex(lines[1]!, /^\d\d:00:00 ! something\.unnamed name=a␛\[2J␊b$/);
  t.is(lines.length, 2);
});

test('all lines are in the file after close, and what comes later is dropped', async (t) => {
  const options = await optionsFor(t, []);
  const log = openLog(options);
  for (let n = 0; n < 5000; n += 1) log.info('config.reloaded', { n });
  await log.close();
  await log.close();
  log.info('config.reloaded');
  const lines = (await readFile(options.file, 'utf8')).trimEnd().split('\n');
  t.is(lines.length, 5000);
  t.like(JSON.parse(lines.at(-1)!), { n: 4999 });
});

test('the file rotates and keeps as many as it should', async (t) => {
  const options = { ...(await optionsFor(t, [])), maxSize: 1000, files: 3 };
  for (let round = 0; round < 10; round += 1) {
    const log = openLog(options);
    for (let n = 0; n < 10; n += 1) log.info('config.reloaded', { round, text: 'x'.repeat(200) });
    await log.close();
  }
  const files = await readdir(join(options.file, '..'));
  t.true(files.length <= 3, files.join());
  t.true(files.length > 1);
  t.true(files.includes('agent.log'));
});

test('a log file that cannot be written stops nothing', async (t) => {
  const lines: string[] = [];
  const options = await optionsFor(t, lines);
  await mkdir(options.file, { recursive: true });
  const log = openLog(options);
  log.info('config.reloaded');
  await log.close();
  t.is(lines.length, 1);
});
