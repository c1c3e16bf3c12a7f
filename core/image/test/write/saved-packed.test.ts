// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { isGritError } from '@grit/plugin-api';
import type { PackedImage } from '../../src/pack/packed-image.js';
import { loadPacked, savePacked } from '../../src/write/saved-packed.js';
import { failure } from '../facts.js';
import { handPacked } from './packed.js';

const SEED = Number(process.env.GRIT_SEED ?? 41);

describe('image: a packed image between dump and store', () => {
  let home = '';
  let packed: PackedImage;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-image-packed-'));
    packed = await handPacked(join(home, 'packs'), [{ own: true }, { own: false, image: 'c-0' }, { own: false }]);
  });
  afterEach(() => rm(home, { recursive: true }));

  const record = (): string => join(home, 'packed.json');
  const table = (): string => join(home, 'packed.rows');
  const save = async (value: unknown): Promise<void> => {
    await savePacked(home, packed);
    await writeFile(record(), JSON.stringify(value));
  };
  const saved = async (): Promise<Readonly<Record<string, unknown>>> => {
    await savePacked(home, packed);
    return JSON.parse(await readFile(record(), 'utf8')) as Readonly<Record<string, unknown>>;
  };

  it('comes back as it was, and leaves nothing else', async () => {
    assert.equal(await loadPacked(home), undefined);
    await savePacked(home, packed);
    assert.deepEqual(await loadPacked(home), packed);
    await savePacked(home, packed);
    assert.deepEqual((await readdir(home)).sort(), ['packed.json', 'packed.rows', 'packs']);
  });

  it('an image of nothing at all comes back, too', async () => {
    const none = { ...packed, table: Buffer.alloc(0), parts: [], packs: [], bytes: { data: 0, fresh: 0, stored: 0 } };
    await savePacked(home, none);
    assert.deepEqual(await loadPacked(home), none);
  });

  it('a table without its record is nothing, a record without its table is refused', async () => {
    await savePacked(home, packed);
    await rename(table(), `${table()}-away`);
    await failure(loadPacked(home), 'GRIT_DUMP_FAILED');
    await rename(`${table()}-away`, table());
    await rm(record());
    assert.equal(await loadPacked(home), undefined);
  });

  const wrong: Readonly<Record<string, (found: Record<string, never>) => unknown>> = {
    'a later version': (found) => ({ ...found, version: 2 }),
    'an unknown field': (found) => ({ ...found, path: '/etc' }),
    'a missing field': (found) => ({ ...found, bytes: undefined }),
    'an unknown hash': (found) => ({ ...found, hash: 'md5' }),
    'no list of packs': (found) => ({ ...found, packs: {} }),
    'no list of parts': (found) => ({ ...found, parts: null }),
    'a list': () => [],
    nothing: () => null,
  };
  for (const [title, change] of Object.entries(wrong)) {
    it(`refuses ${title}`, async () => {
      await save(change((await saved()) as Record<string, never>));
      await failure(loadPacked(home), 'GRIT_DUMP_FAILED');
    });
  }

  const wrongPacks: Readonly<Record<string, unknown>> = {
    'a name that is a path': { name: '../../../etc/passwd' },
    'an absolute name': { name: '/etc/passwd' },
    'a name with a zero byte': { name: 'pk-0000000000000000000000000\0' },
    'a name of another kind': { name: 'packed.json' },
    'no name': { name: undefined },
    'a size of 0': { size: 0 },
    'a size beyond all packs': { size: 2 ** 40 },
    'an index that is no digest': { index: 'blake3:xyz' },
    'an index of another hash': { index: `sha256:${'0'.repeat(64)}` },
    'own that is no boolean': { own: 1 },
    'an image that is a path': { own: false, image: '../c' },
    'an image of an own pack': { own: true, image: 'c-0' },
    'an unknown field': { path: '/etc/passwd' },
  };
  for (const [title, change] of Object.entries(wrongPacks)) {
    it(`refuses a pack with ${title}`, async () => {
      const found = await saved();
      const [first, ...others] = found.packs as readonly object[];
      await save({ ...found, packs: [{ ...first, ...(change as object) }, ...others] });
      await failure(loadPacked(home), 'GRIT_DUMP_FAILED');
    });
  }

  const wrongParts: Readonly<Record<string, unknown>> = {
    'a name above the root': { name: '../../etc/passwd' },
    'the name of another': { name: 'criu/part-01.img' },
    'a name below another': { name: 'criu/part-01.img/a' },
    'an unknown kind': { kind: 'code' },
    'rows of another part': { rows: [2, 2] },
    'more rows than there are': { rows: [0, 200] },
  };
  for (const [title, change] of Object.entries(wrongParts)) {
    it(`refuses a part with ${title}`, async () => {
      const found = await saved();
      const [first, ...others] = found.parts as readonly object[];
      await save({ ...found, parts: [{ ...first, ...(change as object) }, ...others] });
      await failure(loadPacked(home), 'GRIT_DUMP_FAILED');
    });
  }

  it('refuses links, directories and what is no JSON', async () => {
    await savePacked(home, packed);
    await rename(record(), join(home, 'elsewhere'));
    await symlink(join(home, 'elsewhere'), record());
    await failure(loadPacked(home), 'GRIT_DUMP_FAILED');
    await rm(record());
    await mkdir(record());
    await failure(loadPacked(home), 'GRIT_DUMP_FAILED');
    await rm(record(), { recursive: true });
    await writeFile(record(), '{"version":1,');
    await failure(loadPacked(home), 'GRIT_DUMP_FAILED');
  });

  it('whatever was done to a byte of either file: refused, or the very same', async () => {
    await savePacked(home, packed);
    const whole = { [record()]: await readFile(record()), [table()]: await readFile(table()) };
    const files = fc.constantFrom(record(), table());
    await fc.assert(
      fc.asyncProperty(files, fc.nat(), fc.nat(255), fc.boolean(), async (path, where, noise, cut) => {
        const bytes = Buffer.from(whole[path] ?? []);
        const at = where % bytes.length;
        if (!cut) bytes[at] = noise;
        await writeFile(path, cut ? bytes.subarray(0, at) : bytes);
        const found = await loadPacked(home).catch((error: unknown) => {
          assert.ok(isGritError(error) && error.code === 'GRIT_DUMP_FAILED', String(error));
          return undefined;
        });
        await writeFile(path, whole[path] ?? '');
        // A digit of a size or a digest may become another: the table and the commit tell, not the record.
        if (found !== undefined) assert.deepEqual(found.table, packed.table);
      }),
      { numRuns: 300, seed: SEED },
    );
  });

  it('a directory that is gone is GRIT_STORAGE_IO', async () => {
    const error = await failure(savePacked(join(home, 'gone'), packed), 'GRIT_STORAGE_IO');
    assert.match(error.message, /gone/);
  });
});
