import { mkdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadSettings } from '../../src/config/load-settings.ts';
import { SettingsWatcher } from '../../src/config/settings-watcher.ts';
import type { Settings } from '../../src/config/settings.ts';
import type { CompartidosError } from '../../src/core/errors.ts';
import { silentLogger, type LogFields } from '../../src/core/logger.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { translate } from '../../src/language/translate.ts';
import { polled } from '../support/polling.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function watching(t: ExecutionContext, text?: string) {
  const file = join(await temporaryFolder(t), 'config.yaml');
  if (text !== undefined) await writeFile(file, text);
  const overrides = { port: 7777 };
  const settings = await loadSettings(file, { optional: true, overrides, language: 'en' });
  const logged: [event: string, fields?: LogFields][] = [];
  let saidBroken = () => {};
  const log = (event: string, fields?: LogFields) => {
    logged.push([event, fields ?? {}]);
    if (event === 'config.broken') saidBroken();
  };
  const logger = { ...silentLogger, info: log, warn: log, error: log };
  const watcher = new SettingsWatcher({ file, settings, overrides, clock: systemClock, logger });
  await watcher.start();
  t.teardown(() => watcher.stop());
  const changed = () => new Promise<Settings>((resolve) => watcher.events.once('changed', resolve));
  const broken = () =>
    new Promise<CompartidosError>((resolve) => (saidBroken = () => resolve(watcher.problem!)));
  return { file, watcher, changed, broken, logged };
}

/** Whole from the beginning, as editors do it: one that is written in place is empty for a moment. */
async function put(file: string, text: string): Promise<void> {
  await writeFile(`${file}~`, text);
  await rename(`${file}~`, file);
}

test('an edit is taken up, and the command line still has the last word', async (t) => {
  const { file, watcher, changed, logged } = await watching(t, 'name: before\n');
  const seen = changed();
  await put(file, 'name: after\nport: 7001\n');
  t.like(await seen, { name: 'after', port: 7777 });
  t.is(watcher.current.name, 'after');
  t.deepEqual(logged, [['config.reloaded', { file }]]);
});

test('an editor that replaces the file is followed, more than once', async (t) => {
  const { file, changed } = await watching(t, 'name: zero\n');
  for (const name of ['one', 'two', 'three']) {
    const seen = changed();
    await put(file, `name: ${name}\n`);
    t.is((await seen).name, name);
  }
});

test('a broken edit keeps the old settings and says so; the repair is taken up', async (t) => {
  const { file, watcher, changed, broken, logged } = await watching(t, 'name: good\n');
  const wrong = broken();
  await put(file, 'nmae: bad\n');
  t.is((await wrong).code, 'CONFIG_INVALID');
  t.is(watcher.current.name, 'good');
  const [event, fields] = logged[0]!;
  t.is(event, 'config.broken');
  t.regex(translate('en', event, fields), /stays in force\. .*, line 1, column 1: .* Did you mean "name"/);
  t.is(watcher.problem?.code, 'CONFIG_INVALID');
  const right = changed();
  await put(file, 'name: better\n');
  t.is((await right).name, 'better');
  t.is(watcher.problem, undefined);
});

test('a file that appears later is read, and one that goes away changes nothing', async (t) => {
  const { file, watcher, changed } = await watching(t);
  const seen = changed();
  await put(file, 'name: late\n');
  t.is((await seen).name, 'late');
  await rm(file);
  const again = changed();
  await put(file, 'name: later\n');
  t.is((await again).name, 'later');
  t.is(watcher.current.name, 'later');
});

test('what needs another start is named', async (t) => {
  const { file, changed, logged } = await watching(t, 'folder: a\n');
  const seen = changed();
  await put(file, 'folder: b\nlanguage: es\nrules: [{match: "*"}]\nmin_free: 5 GB\ntrash: {days: 3}\n');
  await seen;
  t.deepEqual(logged[1], ['config.restart-needed', { keys: 'folder, language' }]);
});

test('a setting that is taken back before another start is not waited for', async (t) => {
  const { file, changed, logged } = await watching(t, 'folder: a\n');
  for (const text of ['folder: b\n', 'folder: a\nname: other\n']) {
    const seen = changed();
    await put(file, text);
    await seen;
  }
  t.deepEqual(
    logged.map(([event]) => event),
    ['config.reloaded', 'config.restart-needed', 'config.reloaded'],
  );
});

test('a file that is emptied, or a folder in its place, changes nothing and is pointed out', async (t) => {
  const { file, watcher, changed, broken, logged } = await watching(t, 'trash: {days: 365}\n');
  const reason = async (happen: () => Promise<unknown>) => {
    const wrong = broken();
    await happen();
    return (await wrong).params['reason'];
  };
  t.is(await reason(() => truncate(file)), 'empty');
  const replaced = async () => {
    await rm(file);
    await mkdir(file);
  };
  t.is(await reason(replaced), 'EISDIR');
  t.is(watcher.current.trash.maxAgeMs, 365 * 86_400_000);
  const seen = changed();
  await rm(file, { recursive: true });
  await put(file, 'trash: {days: 366}\n');
  t.is((await seen).trash.maxAgeMs, 366 * 86_400_000);
  t.is(logged.at(-1)![0], 'config.reloaded');
});

test('a file that was empty from the start is not pointed out, until it says something and is emptied', async (t) => {
  const { file, watcher, changed, broken, logged } = await watching(t, '');
  const seen = changed();
  await put(file, 'name: ana\n');
  await seen;
  t.deepEqual(logged, [['config.reloaded', { file }]]);
  const wrong = broken();
  await truncate(file);
  t.is((await wrong).params['reason'], 'empty');
  t.is(watcher.current.name, 'ana');
});

test('a mistake that is taken back is said to be over', async (t) => {
  const { file, watcher, broken, logged } = await watching(t, 'name: good\n');
  const wrong = broken();
  await put(file, 'nmae: bad\n');
  await wrong;
  await put(file, 'name: good\n');
  t.true(await polled(20, () => logged.length > 1));
  t.deepEqual(logged[1], ['config.reloaded', { file }]);
  t.is(watcher.current.name, 'good');
});

test('a file that was wrong and is gone is not mended', async (t) => {
  const { file, watcher, changed, broken } = await watching(t, 'name: good\n');
  const wrong = broken();
  await put(file, 'nmae: bad\n');
  await wrong;
  await rm(file);
  t.true(await polled(20, () => watcher.problem?.params['reason'] === 'ENOENT'));
  const right = changed();
  await put(file, 'name: better\n');
  await right;
  t.is(watcher.problem, undefined);
});

test('another file with the time of the former one is read', async (t) => {
  const { file, changed } = await watching(t);
  for (const name of ['one', 'two', 'three']) {
    const seen = changed();
    await writeFile(`${file}~`, `name: ${name}\n`);
    await utimes(`${file}~`, new Date(), 1);
    await rename(`${file}~`, file);
    t.is((await seen).name, name);
  }
});

test('what a link leads to is followed, in place and replaced, and so is another link', async (t) => {
  const { file, changed } = await watching(t, 'name: zero\n');
  for (const place of ['one', 'two']) {
    const target = join(dirname(file), place, 'mine.yaml');
    await mkdir(dirname(target));
    await writeFile(target, `name: linked-${place}\n`);
    const linked = changed();
    await rm(file);
    await symlink(target, file);
    t.is((await linked).name, `linked-${place}`);
    const written = changed();
    await writeFile(target, `name: written-${place}\n`);
    t.is((await written).name, `written-${place}`);
    const renamed = changed();
    await writeFile(`${target}~`, `name: renamed-${place}\n`);
    await rename(`${target}~`, target);
    t.is((await renamed).name, `renamed-${place}`);
  }
});

test('an edit between the loading of the settings and the start is taken up', async (t) => {
  const file = join(await temporaryFolder(t), 'config.yaml');
  const settings = await loadSettings(file, { optional: true, language: 'en' });
  await writeFile(file, 'name: meanwhile\n');
  const options = { file, settings, overrides: {}, clock: systemClock, logger: silentLogger };
  const watcher = new SettingsWatcher(options);
  t.teardown(() => watcher.stop());
  const seen = new Promise<Settings>((resolve) => watcher.events.once('changed', resolve));
  await watcher.start();
  t.is((await seen).name, 'meanwhile');
});
