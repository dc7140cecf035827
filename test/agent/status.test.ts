import test from 'ava';
import {
  brokenConfig,
  diskProblems,
  namesakes,
  skippedFiles,
  tooMany,
  unseenDevices,
} from '../../src/agent/status.ts';
import type { DownloadView } from '../../src/agent-api.ts';
import type { RuleSettings } from '../../src/config/settings.ts';
import { CompartidosError } from '../../src/core/errors.ts';
import { NO_TOTALS } from '../../src/index/entry-table.ts';
import type { SkippedFile } from '../../src/index/skipped-files.ts';
import { translate } from '../../src/language/translate.ts';
import { formatDeviceId } from '../../src/model/device-id.ts';
import { classicNames } from '../../src/transfer/classic-rules.ts';
import { deviceNamed } from '../support/entries.ts';
import { ruleSettings } from '../support/rule-settings.ts';

test('a person is told before there is more than others keep of one device', (t) => {
  const told = (entries: number) => tooMany({ totals: () => ({ ...NO_TOTALS, entries }) }, '/state');
  t.deepEqual(told(1_499_999), []);
  const fields = { count: 1_500_000, limit: 2_000_000, file: '/state/index.db' };
  t.deepEqual(told(1_500_000), [{ event: 'index.too-many', fields }]);
});

test('what a person may miss at the others is named, or at least counted', (t) => {
  const twin: SkippedFile = { path: 'A.txt', reason: 'twin' };
  t.deepEqual(
    skippedFiles([
      { path: 'fifo', reason: 'special' },
      { path: 'l', reason: 'link-outside' },
    ]),
    [],
  );
  t.deepEqual(skippedFiles([twin]), [{ event: 'file.skipped', fields: twin }]);
  const many = skippedFiles(Array.from({ length: 1234 }, () => twin));
  t.is(many.length, 6);
  t.deepEqual(many[5], { event: 'file.more-skipped', fields: { count: 1229 } });
});

test('why downloads wait for the disk is told once, and not when the folder is the reason', (t) => {
  const download: DownloadView = {
    ...{ id: 'd1', path: 'a', target: 'a', state: 'paused', bytes: 0, size: 1, rate: 0, eta: null },
    ...{ from: [], reason: 'person', error: { code: 'DISK_FULL', params: { path: 'a' } } },
  };
  const lost: DownloadView = { ...download, error: { code: 'FOLDER_CHANGED', params: { folder: '/f' } } };
  const told = new Set(['FOLDER_CHANGED'] as const);
  t.deepEqual(diskProblems([lost, download, download, { ...download, error: null }], told), [
    { event: 'error.DISK_FULL', fields: { path: 'a' } },
  ]);
});

test('that the configuration is broken is said until it is not', (t) => {
  t.deepEqual(brokenConfig(undefined), []);
  const params = {
    file: '/c',
    line: 2,
    column: 3,
    problem: 'wrong-value',
    key: 'port',
    expected: 'port',
    got: 'x',
  };
  const [{ event, fields }] = brokenConfig(new CompartidosError('CONFIG_INVALID', params)) as [
    ReturnType<typeof brokenConfig>[number],
  ];
  t.regex(
    translate('en', event, fields),
    /stays in force\. \/c, line 2, column 3: "port" must be .* but is x/,
  );
  t.regex(translate('es', event, fields), /sigue valiendo la anterior\. \/c, línea 2, columna 3: «port»/);
});

function rule(match: string, ...from: string[]): RuleSettings {
  return ruleSettings({ id: match, match: [match], from });
}

test('a device that a rule names and nobody has seen is told of, in case its name is mistyped', (t) => {
  const device = deviceNamed('luis');
  const seen = [
    { name: 'Ana', device: deviceNamed('ana') },
    { name: 'luis', device },
  ];
  const classic = classicNames({ host: '10.0.0.9', port: 6000 });
  const rules = [
    rule('*', 'ana', device.slice(0, 8), '10.0.0.9:6000', '10.0.0.9'),
    rule('*.pdf', 'anna', 'luis'),
    rule('a'),
  ];
  t.deepEqual(unseenDevices(rules, seen, classic), [
    { event: 'rule.unseen-device', fields: { rule: '*.pdf', name: 'anna' } },
  ]);
  const short = device.slice(0, 3);
  t.deepEqual(unseenDevices([rule('b', short)], seen, classic), [
    { event: 'rule.unseen-device', fields: { rule: 'b', name: short } },
  ]);
});

test('a name that several devices give themselves is told of where a rule follows it', (t) => {
  const [first, second] = [deviceNamed('first'), deviceNamed('second')];
  const known = [
    { name: 'Ana', device: first },
    { name: 'ana ', device: second },
    { name: 'luis', device: deviceNamed('luis') },
  ];
  const [problem, ...rest] = namesakes([rule('*.pdf', 'luis', 'ana'), rule('*', first), rule('a')], known);
  t.deepEqual(rest, []);
  const ids = [first, second].map((device) => formatDeviceId(device).slice(0, 15)).join(', ');
  t.deepEqual(problem, { event: 'rule.namesakes', fields: { rule: '*.pdf', name: 'ana', count: 2, ids } });
  const isNamedById = (text: string) => namesakes([rule('*', text)], known).length === 0;
  t.true(ids.split(', ').every(isNamedById));
  t.regex(translate('en', problem!.event, problem!.fields), /rule \*\.pdf .* ana, and 2 devices .* an id/);
  t.regex(translate('es', problem!.event, problem!.fields), /regla \*\.pdf .* ana, y 2 equipos .* el id/);
});
