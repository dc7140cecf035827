import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const MIB = 1024 * 1024;

/** A one-page PDF that readers open. */
export function pdf(text: string): Buffer {
  const stream = `BT /F1 24 Tf 72 720 Td (${text}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  return Buffer.from(
    `${body}xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`,
  );
}

/** A JPEG of one grey pixel (baseline, 8 × 8 block), with `comment` in it to tell it from others. */
export function jpeg(comment: string): Buffer {
  const segment = (marker: number, payload: Buffer) =>
    Buffer.concat([
      Buffer.from([0xff, marker, (payload.length + 2) >> 8, (payload.length + 2) & 255]),
      payload,
    ]);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from('4a46494600010100000100010000', 'hex')),
    segment(0xfe, Buffer.from(comment)),
    segment(0xdb, Buffer.concat([Buffer.from([0]), Buffer.alloc(64, 1)])),
    segment(0xc0, Buffer.from('08000100010101 1100'.replaceAll(' ', ''), 'hex')),
    segment(0xc4, Buffer.concat([Buffer.from([0x00, 1]), Buffer.alloc(15), Buffer.from([0])])),
    segment(0xc4, Buffer.concat([Buffer.from([0x10, 1]), Buffer.alloc(15), Buffer.from([0])])),
    segment(0xda, Buffer.from('0101 00003f00'.replaceAll(' ', ''), 'hex')),
    Buffer.from([0x3f, 0xff, 0xd9]),
  ]);
}

/** An uncompressed ZIP with one stored file of `size` random bytes would be random all the same: bytes are bytes. */
export async function archive(path: string, size: number): Promise<void> {
  const file = await open(path, 'w');
  await file.write(Buffer.from('504b0304', 'hex'));
  for (let at = 4; at < size; at += 4 * MIB) await file.write(randomBytes(Math.min(4 * MIB, size - at)));
  await file.close();
}

/** What a teacher may have on a desk, in `folder`: returns the names. */
export async function layOut(folder: string): Promise<string[]> {
  await mkdir(join(folder, 'apuntes'), { recursive: true });
  const files: Readonly<Record<string, Buffer | string>> = {
    'apuntes/tema 1.pdf': pdf('Tema 1'),
    'foto de la clase.jpg': jpeg('patio'),
    'léeme — ñandú.txt': 'Hola, ¿qué tal?\n'.repeat(100),
    'vacío.txt': '',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return Object.keys(files);
}

/** SHA-256 of a file, hex. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Whether two files have the same bytes. */
export async function sameBytes(a: string, b: string): Promise<boolean> {
  return (await sha256(a)) === (await sha256(b));
}

/** Every file below `folder` but the agent's own, relative, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const items = await readdir(folder, { recursive: true, withFileTypes: true });
  return items
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name).slice(folder.length + 1))
    .filter((path) => !path.startsWith('.compartidos/'))
    .sort();
}

export async function text(path: string): Promise<string> {
  return readFile(path, 'utf8');
}
