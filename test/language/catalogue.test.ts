import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ERROR_CODES, type ErrorParams } from '../../src/core/errors.ts';
import { english } from '../../src/language/english.ts';
import { englishErrors } from '../../src/language/english-errors.ts';
import { explainError } from '../../src/language/explain-error.ts';
import { spanish } from '../../src/language/spanish.ts';
import { isSentence, languageOfLocale, translate } from '../../src/language/translate.ts';

function placeholders(sentence: string): string[] {
  return [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();
}

test('both languages have the same sentences with the same placeholders', (t) => {
  t.deepEqual(Object.keys(spanish).sort(), Object.keys(english).sort());
  for (const [key, sentence] of Object.entries(english)) {
    t.deepEqual(placeholders(spanish[key as keyof typeof english]), placeholders(sentence), key);
  }
});

test('every error has a sentence, and every sentence of an error its error', (t) => {
  for (const code of ERROR_CODES) t.true(isSentence(`error.${code}`), code);
  const codes: readonly string[] = ERROR_CODES;
  for (const key of Object.keys(english).filter((each) => each.startsWith('error.'))) {
    t.true(codes.includes(key.slice('error.'.length)), key);
  }
});

test('every event that people may see has a sentence', async (t) => {
  const folder = join(import.meta.dirname, '..', '..', '..', 'src');
  let events = 0;
  for (const file of await readdir(folder, { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    const text = await readFile(join(folder, file), 'utf8');
    for (const [, event] of text.matchAll(/\b#?logger\??\.(?:info|warn|error)\(\s*'([^']+)'/g)) {
      events += 1;
      t.true(isSentence(event!), `${file}: ${event}`);
      t.regex(translate('en', event!), /^(?:[A-Z{]|compartidos).*[.?}]$/, `${file}: ${event}`);
    }
  }
  t.true(events > 10);
});

test('every reason for which a connection ends or a caller is refused has words', async (t) => {
  const folder = join(import.meta.dirname, '..', '..', '..', 'src', 'transport');
  const reasons = new Set<string>();
  for (const file of await readdir(folder)) {
    const text = await readFile(join(folder, file), 'utf8');
    const given = /\.(?:destroy|drop|#refuse)\((?:\w+, \w+, )?'([a-z-]+)'/g;
    for (const [, reason] of text.matchAll(given)) reasons.add(reason!);
  }
  t.true(reasons.has('silent') && reasons.has('handshake'));
  for (const reason of reasons) t.true(isSentence(`reason.${reason}`), reason);
});

test('no sentence is said in two places', (t) => {
  for (const [key, sentence] of Object.entries(englishErrors)) {
    t.is(english[key as keyof typeof english], sentence, key);
  }
});

test('what fills a sentence cannot reach the terminal', (t) => {
  const text = translate('en', 'agent.stop-failed', { message: 'a\u001b[2J\r\n\u202eb\u0085' });
  t.regex(text, /a␛\[2J␍␊\\u\{202e\}b\\u\{85\}$/);
  t.is(translate('en', 'no.such-sentence', { a: '\u001b' }), 'no.such-sentence a=␛');
});

test('a message that is a sentence ends with one full stop', (t) => {
  const say = (message: string) => explainError('en', { code: 'INTERNAL', params: { message } });
  t.regex(say('It broke.'), /compartidos: It broke\. Please/);
  t.regex(say('It broke'), /compartidos: It broke\. Please/);
  t.is(translate('en', 'usage.unknown-command', { name: 'x.' }), 'There is no command x.');
});

test('a reason that has a phrase is said with it, any other as it is', (t) => {
  const say = (reason: string) => explainError('en', { code: 'PATH_INVALID', params: { path: 'x', reason } });
  t.regex(say('not-relative'), /leads out of the folder/);
  t.regex(say('toString'), /toString/);
  t.regex(explainError('es', { code: 'NOT_FOUND', params: { what: 'file', name: 'x' } }), /el archivo «x»/);
  t.is(
    explainError('en', { code: 'NOT_FOUND', params: { what: 'peer', name: 'x' } }),
    'There is no device "x". "peers" shows those that are known.',
  );
  t.is(
    explainError('en', { code: 'NOT_FOUND', params: { path: 'x' } }),
    'There is no "x". "find" shows what there is.',
  );
});

test('no code of an error stands in a sentence about something else', (t) => {
  const met = [
    'DISK_FULL',
    'DISK_ERROR',
    'FOLDER_CHANGED',
    'OTHER_DISK',
    'HASH_MISMATCH',
    'CONNECTION_CLOSED',
  ];
  for (const language of ['en', 'es'] as const) {
    for (const event of ['download.paused', 'download.failed', 'rule.failed', 'folder.lost']) {
      for (const code of met) t.notRegex(translate(language, event, { code }), /[A-Z]_[A-Z]/, event);
    }
  }
  t.is(
    translate('es', 'folder.lost', { code: 'FOLDER_CHANGED', folder: '/srv' }),
    'La carpeta compartida /srv no se puede usar: no es la carpeta que era. No se comparte ni se borra nada hasta que vuelva.',
  );
});

test('a reason that says more than its phrase is said with that', (t) => {
  for (const reason of [
    'own.protocol-error',
    'own.protocol-error.MESSAGE_INVALID',
    'own.protocol-error.hello',
  ]) {
    const said = translate('en', 'error.NAME_UNSUPPORTED', { path: 'x', reason });
    t.true(said.includes('it sent something that is not part of the protocol'), said);
  }
  for (const language of ['en', 'es'] as const) {
    const said = translate(language, 'error.NAME_UNSUPPORTED', { path: 'x', reason: 'EEXIST' });
    t.false(said.includes('EEXIST'), said);
  }
});

test('a part that has nothing to say is left out', (t) => {
  const say = (params: Record<string, string | number>) =>
    explainError('en', { code: 'CONNECTION_FAILED', params });
  t.regex(say({}), /^No connection\. Check/);
  t.regex(say({ host: 'ana', port: 6000 }), /^No connection to ana, port 6000\. Check/);
  t.regex(
    say({ path: 'a[{path}]', reason: 'own.timed-out' }),
    /^No connection for a\[\{path\}\] \(it took too long\)\./,
  );
  t.regex(
    explainError('es', { code: 'DISK_FULL', params: { path: 'x', needed: 5e6, free: 1000 } }),
    /5,0 MB/,
  );
  // As status and the log say it, too.
  t.is(
    translate('en', 'error.DISK_FULL', { path: 'x', needed: 5, free: 0, kept: 1e9 }),
    'There is no room for x on the disk: it needs 5 B, and 0 B are free besides the 1.0 GB that min_free in config.yaml keeps free. Make room; it goes on by itself.',
  );
});

test('numbers that count have the separators of the language, and those that name something have none', (t) => {
  t.is(translate('en', 'agent.ready', { files: 12_345 }), 'The shared folder was scanned: 12,345 files.');
  t.regex(
    translate('es', 'index.too-many', { count: 1_500_000, limit: 2_000_000 }),
    /1\.500\.000 .* 2\.000\.000,/,
  );
  t.regex(translate('es', 'error.PORT_IN_USE', { port: 16_000 }), /puerto 16000 /);
  const sent = { path: 'a', address: '10.0.0.7', bytes: 40_000_000 };
  t.is(translate('en', 'classic.file.sent', sent), 'a was sent to 10.0.0.7 (40.0 MB, in clear text).');
});

test('one is said as one, and any other number as several', (t) => {
  const scanned = (files: number) => translate('es', 'agent.ready', { files });
  t.is(scanned(1), 'Se recorrió la carpeta compartida: 1 archivo.');
  t.is(scanned(0), 'Se recorrió la carpeta compartida: 0 archivos.');
  t.is(scanned(1001), 'Se recorrió la carpeta compartida: 1001 archivos.');
  t.is(translate('en', 'file.more-skipped', { count: 1 }), 'Not shared either is 1 more; the log names it.');
  t.is(translate('es', 'view.more-files', { count: 1 }), '… y 1 más. Afine la búsqueda para verlo.');
  for (const [key, sentence] of [...Object.entries(english), ...Object.entries(spanish)]) {
    for (const [, name] of sentence.matchAll(/\{(\w+)\|/g)) t.true(sentence.includes(`{${name}}`), key);
    if (['command.other-files', 'prompt.other-files', 'index.too-many'].includes(key)) continue;
    t.notRegex(
      sentence,
      /\{(count|done|files)\} (?:more |different )?(?:file|archivo|download|descarga)/,
      key,
    );
  }
});

test('in Spanish a computer is called in one way', (t) => {
  for (const sentence of Object.values(spanish)) t.notRegex(sentence, /computador|ordenador/);
});

test('what nothing is given for is seen, not a hole', (t) => {
  for (const language of ['en', 'es'] as const) {
    const sentences = language === 'en' ? english : spanish;
    for (const [key, sentence] of Object.entries(sentences)) {
      const always = sentence.replace(/\[[^[\]]*\{\w+\}[^[\]]*\]/g, '');
      t.deepEqual(placeholders(translate(language, key)), placeholders(always), key);
    }
  }
  const into = {
    file: 'f',
    line: 1,
    column: 1,
    problem: 'wrong-value',
    key: 'into',
    expected: 'into',
    got: 'x',
  };
  t.regex(
    explainError('en', { code: 'CONFIG_INVALID', params: into }),
    /photos\/\{peer\}, where only \{peer\} and/,
  );
  t.regex(
    explainError('es', { code: 'CONFIG_INVALID', params: into }),
    /fotos\/\{peer\}, donde solo \{peer\} y/,
  );
});

test('no key from outside reaches more than the sentences', (t) => {
  for (const key of ['toString', '__proto__', 'constructor']) t.is(translate('es', key), key);
  t.regex(
    explainError('en', { code: 'PATH_INVALID', params: Object.create({ reason: 'x' }) as ErrorParams }),
    /used: \{reason\}\./,
  );
});

test('the language of a locale', (t) => {
  t.is(languageOfLocale('es_AR.UTF-8'), 'es');
  t.is(languageOfLocale('C.UTF-8'), 'en');
  t.is(languageOfLocale(undefined), 'en');
});

test('a command of the shell is said as it works where the program is', (t) => {
  for (const sentence of [...Object.values(english), ...Object.values(spanish)])
    t.notRegex(sentence, /(?<!npx )compartidos [a-z]+[»"`]/);
});

test('the help of the command line is mentioned where it helps', (t) => {
  const said = (params: ErrorParams) => explainError('en', { code: 'USAGE', params });
  t.is(said({ message: 'The argument x is missing.' }), 'The argument x is missing. See --help.');
  const several = { problem: 'ambiguous-peer', name: 'ana' };
  t.is(said(several), 'Several devices are called ana: say which by its id.');
});
