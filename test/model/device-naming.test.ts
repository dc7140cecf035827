import test from 'ava';
import { formatDeviceId } from '../../src/model/device-id.ts';
import { idBeginsWith, isNamed } from '../../src/model/device-naming.ts';
import { deviceNamed } from '../support/entries.ts';

const device = deviceNamed('ana');
const shown = formatDeviceId(device);

test('a name is the same in any case and normal form', (t) => {
  for (const text of ['José', 'JOSÉ', ' josé ', 'José'.normalize('NFD')]) t.true(isNamed('José', text), text);
  for (const text of ['Jose', 'Jos', 'José2', '']) t.false(isNamed('José', text), text);
  t.false(isNamed(' ', ''));
});

test('an id begins with what either of its forms begins with, however it is written', (t) => {
  for (const text of [
    device,
    shown,
    shown.toLowerCase(),
    shown.slice(0, 20),
    shown.replaceAll('-', ' '),
    device[0]!,
  ]) {
    t.true(idBeginsWith(device, text), text);
  }
  for (const text of ['', '-', shown.slice(1), `${shown}A`]) t.false(idBeginsWith(device, text), text);
  t.true(idBeginsWith(device, shown.slice(0, 4), 4));
  t.false(idBeginsWith(device, `${shown.slice(0, 3)}-`, 4));
});
