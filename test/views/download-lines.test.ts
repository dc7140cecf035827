import test from 'ava';
import type { DownloadView } from '../../src/agent-api.ts';
import { textWidth } from '../../src/language/text-width.ts';
import { downloadLines, progressLine } from '../../src/views/download-lines.ts';

const download: DownloadView = {
  ...{ id: 'd1', path: 'foto.jpg', target: 'foto.jpg', state: 'transferring', bytes: 5000, size: 5000 },
  ...{ rate: 1000, eta: null, from: ['10.0.0.9'], reason: 'person', error: null },
};

test('a download of unknown size is not complete before it is done', (t) => {
  for (const state of ['queued', 'transferring', 'failed'] as const) {
    const [, line] = downloadLines('en', [{ ...download, state }]);
    t.regex(line!, /5\.0 kB +–/, state);
    t.regex(progressLine('en', { ...download, state }, 80), /░{20} +– /, state);
  }
  t.regex(downloadLines('en', [{ ...download, state: 'done' }])[1]!, /5\.0 kB +100 %/);
  t.regex(downloadLines('en', [{ ...download, size: 10_000 }])[1]!, /10\.0 kB +50 %/);
});

test('the bars of all downloads stand below each other, whatever they are called and do', (t) => {
  const several: DownloadView[] = [
    download,
    { ...download, size: 3e9, bytes: 1e9, rate: 123_456_789, eta: 40_000 },
    { ...download, path: `fotos/${'n'.repeat(80)}.jpg`, state: 'connecting' },
    { ...download, path: '写真/日本語の動画ファイル.mkv', state: 'verifying' },
  ];
  for (const width of [60, 79, 120, 200]) {
    const columns = several.map((each) => {
      const line = progressLine('es', each, width);
      t.true(textWidth(line) <= width, line);
      return textWidth(line.slice(0, line.search(/[█░]/)));
    });
    t.is(new Set(columns).size, 1, String(columns));
  }
});

test('why downloads do not go on is said below them, whole', (t) => {
  const error = { code: 'NO_SOURCE' as const, params: { path: 'foto.jpg' } };
  const gone = { code: 'SOURCE_CHANGED' as const, params: { path: 'b.jpg' } };
  const lines = downloadLines(
    'en',
    [
      { ...download, state: 'queued', error },
      { ...download, path: 'b.jpg', state: 'failed', error: gone },
      { ...download, path: 'c.jpg' },
    ],
    { numbered: true, width: 40 },
  );
  t.is(lines.length, 6);
  t.deepEqual(lines.slice(4), [
    '… foto.jpg: No device that is online has foto.jpg. It will be tried again when one appears.',
    '✗ b.jpg: b.jpg changed while it was being fetched. The new version will be fetched.',
  ]);
});

test('what several wait for is said once', (t) => {
  const waiting = ['a.jpg', 'b.jpg'].map((path): DownloadView => {
    return { ...download, path, state: 'queued', error: { code: 'NO_SOURCE', params: { path } } };
  });
  t.deepEqual(downloadLines('es', [...waiting, download]).slice(4), [
    '… 2 archivos esperan: ningún equipo en línea los tiene. Se intentará de nuevo cuando aparezca uno.',
  ]);
});
