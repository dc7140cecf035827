import test from 'ava';
import { patient } from '../../src/core/patient-call.ts';
import { codeOf } from '../support/code-of.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Fails with `codes`, one after the other, and then does it. */
function failing(codes: readonly string[]) {
  const left = [...codes];
  let calls = 0;
  const call = async (path: string): Promise<string> => {
    calls += 1;
    const code = left.shift();
    if (code !== undefined) throw Object.assign(new Error(code), { code });
    return `${path} done`;
  };
  return { call, calls: () => calls };
}

async function outcome(codes: readonly string[], platform: string) {
  const clock = new FakeClock();
  const { call, calls } = failing(codes);
  let end: string | undefined;
  const running = patient(call, clock, platform)('file');
  void codeOf(running).then(async (code) => (end = code ?? (await running)));
  const began = clock.monotonic();
  while (end === undefined) await clock.advance(clock.nextIn ?? 0);
  return { end, calls: calls(), ms: clock.monotonic() - began };
}

test('what is in use for a moment on Windows is waited for', async (t) => {
  t.deepEqual(await outcome(['EBUSY', 'EPERM', 'EACCES'], 'win32'), { end: 'file done', calls: 4, ms: 70 });
});

test('what stays in use fails in the end', async (t) => {
  const { end, calls, ms } = await outcome(
    Array.from({ length: 20 }, () => 'EBUSY'),
    'win32',
  );
  t.is(end, 'EBUSY');
  t.is(calls, 7);
  t.true(ms < 1000);
});

test('anything else fails at once, and so does everything elsewhere', async (t) => {
  t.deepEqual(await outcome(['ENOENT'], 'win32'), { end: 'ENOENT', calls: 1, ms: 0 });
  t.deepEqual(await outcome(['EBUSY'], 'linux'), { end: 'EBUSY', calls: 1, ms: 0 });
});
