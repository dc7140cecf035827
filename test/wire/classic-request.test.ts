import test from 'ava';
import fc from 'fast-check';
import { pathProblem } from '../../src/model/relative-path.ts';
import {
  classicProgress,
  encodeClassicDownload,
  encodeClassicSearch,
  MAX_CLASSIC_REQUEST_BYTES,
  parseClassicRequest,
  type ClassicRequest,
} from '../../src/wire/classic/request.ts';
import { arbitraryPath } from '../support/arbitrary-messages.ts';

const search = (path: string | undefined) => ({ type: 'search', path }) as ClassicRequest;
const download = (path: string | undefined) => ({ type: 'download', path }) as ClassicRequest;

const REQUESTS: readonly [request: string | Uint8Array, expected: ClassicRequest | undefined][] = [
  ['BUSCAR:a.txt', search('a.txt')],
  ['DESCARGAR:fotos/mar y sol: 1.jpg', download('fotos/mar y sol: 1.jpg')],
  ['BUSCAR:n\u0303andu\u0301', search('ñandú')],
  ['BUSCAR:a\n', search('a\n')],
  ['BUSCAR:%2e%2e%2fetc', search('%2e%2e%2fetc')],
  ['BUSCAR: a ', search(' a ')],
  ['BUSCAR:BUSCAR:a', search('BUSCAR:a')],
  ['BUSCAR:../a', search(undefined)],
  ['DESCARGAR:/etc/passwd', download(undefined)],
  ['DESCARGAR:a/../../b', download(undefined)],
  ['DESCARGAR:a//b', download(undefined)],
  ['DESCARGAR:a/', download(undefined)],
  ['DESCARGAR:.', download(undefined)],
  ['DESCARGAR:a\0', download(undefined)],
  ['DESCARGAR:..\\a', download(undefined)],
  ['DESCARGAR:C:\\a', download(undefined)],
  ['DESCARGAR:.compartidos/trash/a', download(undefined)],
  ['DESCARGAR:.COMPARTIDOS/trash/a', download(undefined)],
  ['DESCARGAR:', download(undefined)],
  [Buffer.from('DESCARGAR:\xff', 'latin1'), download(undefined)],
  [Buffer.from('DESCARGAR:\xc0\xae\xc0\xae/a', 'latin1'), download(undefined)],
  [`BUSCAR:${'a/'.repeat(3000)}`, search(undefined)],
  ['BUSCAR:.compartidos/1', { type: 'probe' }],
  ['DESCARGAR:.compartidos/1', download(undefined)],
  ['BUSCAR:.compartidos/12', search(undefined)],
  ['LISTAR:', { type: 'list', glob: undefined }],
  ['LISTAR:*.pdf', { type: 'list', glob: '*.pdf' }],
  ['LISTAR:a\0', { type: 'invalid' }],
  [Buffer.from('LISTAR:\xff', 'latin1'), { type: 'invalid' }],
  ['buscar:a', undefined],
  ['BUSCAR a', undefined],
  ['BORRAR:a', undefined],
  ['GET / HTTP/1.1', undefined],
  ['', undefined],
];

for (const [request, expected] of REQUESTS) {
  test(`clauses 7.2 and 7.4: ${JSON.stringify(request.toString().slice(0, 40))}`, (t) => {
    t.deepEqual(parseClassicRequest(Buffer.from(request)), expected);
  });
}

const PROGRESS: readonly [bytes: string, expected: ReturnType<typeof classicProgress>][] = [
  ['', 'incomplete'],
  ['B', 'incomplete'],
  ['DESCARGAR', 'incomplete'],
  ['BUSCAR:', 'incomplete'],
  ['BUSCAR:a', 'perhaps-complete'],
  ['LISTAR:', 'perhaps-complete'],
  ['DX', 'none'],
  ['BUSCARA', 'none'],
  ['LISTARON', 'none'],
  [`BUSCAR:${'a'.repeat(4096)}`, 'perhaps-complete'],
  [`BUSCAR:${'a'.repeat(4097)}`, 'full'],
  [`DESCARGAR:${'a'.repeat(4097)}`, 'full'],
];

for (const [bytes, expected] of PROGRESS) {
  test(`clause 7.3: ${bytes.length} bytes, ${JSON.stringify(bytes.slice(0, 12))}: ${expected}`, (t) => {
    t.is(classicProgress(Buffer.from(bytes)), expected);
  });
}

test('a name that can be shared is asked for and understood', (t) => {
  fc.assert(
    fc.property(arbitraryPath, (path) => {
      t.deepEqual(parseClassicRequest(encodeClassicSearch(path)), search(path));
      t.deepEqual(parseClassicRequest(encodeClassicDownload(path)), download(path));
    }),
    { numRuns: 1000 },
  );
});

const fragments = fc.array(
  fc.oneof(
    fc.constantFrom(
      '..',
      '/',
      '.',
      '\\',
      '\0',
      '.compartidos',
      '%2e',
      'ñ',
      'n\u0303',
      '*',
      '{',
      '[',
      '(',
      ':',
      'a',
    ),
    fc.string({ unit: 'binary', maxLength: 5 }),
  ),
  { maxLength: 12 },
);
const hostileRequest = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(
      fc.constantFrom('BUSCAR:', 'DESCARGAR:', 'LISTAR:', 'BUS'),
      fragments,
      fc.uint8Array({ maxLength: 3 }),
    )
    .map(([verb, parts, raw]) => Buffer.concat([Buffer.from(verb + parts.join('')), raw])),
  fc
    .tuple(fc.constantFrom('BUSCAR:', 'DESCARGAR:', 'LISTAR:'), fc.integer({ min: 4090, max: 4100 }))
    .map(([verb, length]) => Buffer.from(verb + 'x'.repeat(length))),
);

test('no request reaches anything but a relative path, and none is misread for having come in pieces', (t) => {
  let paths = 0;
  fc.assert(
    fc.property(hostileRequest, fc.nat(), (bytes, where) => {
      const request = parseClassicRequest(bytes);
      if (request && 'path' in request && request.path !== undefined) {
        paths += 1;
        if (pathProblem(request.path) !== undefined) throw new Error('a path that is none');
      }
      const beginning = bytes.subarray(0, where % (bytes.length + 1));
      const progress = classicProgress(beginning);
      if (progress === 'none' && request) throw new Error('given up too early');
      if (progress === 'full') {
        t.deepEqual(parseClassicRequest(beginning.subarray(0, MAX_CLASSIC_REQUEST_BYTES)), request);
      }
    }),
    { numRuns: 20_000 },
  );
  t.true(paths > 200);
});
