const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * The steps that bring a database up to date: step N makes version N + 1 (`user_version`) out of version N. A step
 * that has shipped is never changed.
 *
 * - `device`: number 0 is ourselves. `index_id` and `sequence` say how much of its index is here; `files` and `bytes`
 *   count its live files, `stored` what all its entries take in the database.
 * - `entry`: what each device says of each path. A row keeps its path and its device for life, and its number is never
 *   given again. The `disk_` columns are what a local file looked like when it was indexed. `blocks` comes last: it
 *   may be long, and SQLite then reads the columns before it without it.
 * - `block`: where a block lies in a local file, by the first 48 bits of its hash. Files of one block have no rows
 *   here: their content hash is a function of the block's.
 * - `discarded`: numbers that devices had before they began anew; entries under them are yet to be deleted, and take
 *   `stored` bytes.
 * - `corrupt`: local files that were found not to hold the content of this hash, which is that of their entry.
 * - `document`: small states of other parts, as they encode them.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

  CREATE TABLE device (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    index_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE entry (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    device INTEGER NOT NULL,
    path TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime INTEGER NOT NULL,
    hash BLOB,
    target TEXT,
    disk_mtime INTEGER,
    disk_ctime INTEGER,
    disk_inode TEXT,
    disk_volume TEXT,
    disk_name TEXT,
    sha256 BLOB,
    version BLOB NOT NULL,
    blocks BLOB
  ) STRICT;
  CREATE UNIQUE INDEX entry_by_path ON entry (device, path);
  CREATE UNIQUE INDEX entry_by_sequence ON entry (device, sequence);
  CREATE INDEX entry_by_hash ON entry (substr(hash, 1, 8), device) WHERE hash IS NOT NULL;
  CREATE INDEX entry_unhashed ON entry (device, path) WHERE hash IS NULL AND (flags & 7) = 0;

  CREATE TABLE block (
    prefix INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL,
    number INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE discarded (device INTEGER PRIMARY KEY) STRICT;

  CREATE TABLE document (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE corrupt (
    path TEXT PRIMARY KEY,
    hash BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // Until now only the agent's own folder at the top was never a path.
  `
  CREATE TEMP TABLE private AS
    SELECT row, device, path FROM entry
    WHERE '/' || path || '/' LIKE '%/.compartidos/%' OR '/' || path LIKE '%/.compartidosignore';
  DELETE FROM block WHERE entry IN (SELECT row FROM private);
  DELETE FROM corrupt WHERE path IN (SELECT path FROM private);
  DELETE FROM entry WHERE row IN (SELECT row FROM private);
  UPDATE device SET
    entries = (SELECT count(*) FROM entry WHERE device = number),
    files = (SELECT count(*) FROM entry WHERE device = number AND (flags & 7) = 0),
    bytes = (SELECT coalesce(sum(size), 0) FROM entry WHERE device = number AND (flags & 7) = 0)
  WHERE number IN (SELECT device FROM private);
  DROP TABLE private;
  `,
  `
  ALTER TABLE device ADD COLUMN stored INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE discarded ADD COLUMN stored INTEGER NOT NULL DEFAULT 0;
  CREATE TEMP TABLE stored AS
    SELECT device, sum(256 + 4 * octet_length(path) + coalesce(octet_length(target), 0) + length(version) +
      coalesce(length(blocks), 0)) AS bytes
    FROM entry GROUP BY device;
  UPDATE device SET stored = coalesce((SELECT bytes FROM temp.stored AS t WHERE t.device = number), 0);
  UPDATE discarded SET
    stored = coalesce((SELECT bytes FROM temp.stored AS t WHERE t.device = discarded.device), 0);
  DROP TABLE temp.stored;
  `,
  `DROP INDEX entry_unhashed;`,
  // Blocks have other sizes since: what has other blocks now is read again, without a new version, and devices tell anew.
  `
  CREATE TEMP TABLE cut AS
    SELECT row, path, coalesce(length(blocks), 0) AS bytes FROM entry
    WHERE device = 0 AND (flags & 7) = 0 AND (
      (size > ${128 * KIB} AND size <= ${512 * MIB}) OR
      (size > ${1024 * MIB} AND size <= ${2048 * MIB}) OR
      (size > ${4096 * MIB} AND size <= ${8192 * MIB}));
  DELETE FROM block WHERE entry IN (SELECT row FROM cut);
  DELETE FROM corrupt WHERE path IN (SELECT path FROM cut);
  UPDATE entry SET hash = NULL, blocks = NULL WHERE row IN (SELECT row FROM cut);
  UPDATE device SET stored = stored - (SELECT coalesce(sum(bytes), 0) FROM cut) WHERE number = 0;
  DROP TABLE cut;
  INSERT INTO discarded SELECT number, stored FROM device WHERE number <> 0;
  UPDATE device SET
    number = number + (SELECT max(device) FROM discarded),
    index_id = '', sequence = 0, entries = 0, files = 0, bytes = 0, stored = 0
  WHERE number <> 0;
  UPDATE document SET json = json_set(json_remove(json, '$.content.hash'), '$.content.blocks', '')
    WHERE kind = 'download' AND json_valid(json) AND json_extract(json, '$.content.size') > ${128 * KIB};
  `,
];
