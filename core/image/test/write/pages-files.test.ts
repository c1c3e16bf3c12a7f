// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PAGE_BYTES, type PartKind, type PartSource } from '@grit/plugin-api';
import { openImage } from '../../src/read/open-image.js';
import { readRow } from '../../src/format/chunk-row.js';
import { storeImage } from '../../src/write/store-image.js';
import { pagemap } from '../criu/pagemap.js';
import { FACTS, NEVER, drain, failure } from '../facts.js';
import { StagedFiles } from './staged-files.js';

const KIB = 1024;
const ADDRESS = 0x7f00_0000_3000;
/** Always the same: where a file is cut by content is its chance. */
const BYTES = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)).update(
  Buffer.alloc(43 * PAGE_BYTES),
);
const PAGES = BYTES.subarray(0, 40 * PAGE_BYTES);

/** A pagemap of one run. */
const runOf = (pagesId: number, address: number, pages: number): Buffer =>
  pagemap([
    [[1, pagesId]],
    [
      [1, address],
      [4, 4],
      [5, pages],
    ],
  ]);

describe('image: storing the pages files of CRIU', function () {
  this.timeout(60_000);
  let home = '';
  let files: StagedFiles;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-image-pages-'));
    files = new StagedFiles(join(home, 'c-1'));
  });
  afterEach(() => rm(home, { recursive: true }));

  const part = async (name: string, bytes: Uint8Array, kind: PartKind = 'memory'): Promise<PartSource> => {
    const path = join(home, name.replaceAll('/', '_'));
    await writeFile(path, bytes);
    return { name: `criu/${name}`, kind, path };
  };
  /** Stores the parts. Returns the lengths of the rows of `pages-1.img`, whose bytes are right. */
  const lengths = async (...parts: readonly PartSource[]): Promise<number[]> => {
    await storeImage(files, parts, FACTS, { signal: NEVER });
    const reader = await openImage(files, 'c-1', NEVER);
    assert.ok((await drain(reader.read('criu/pages-1.img', { start: 0, end: PAGES.length }, NEVER))).equals(PAGES));
    const [first, count] = reader.manifest.parts.find(({ name }) => name === 'criu/pages-1.img')?.rows ?? [0, 0];
    const table = await reader.table(NEVER);
    return Array.from({ length: count }, (_, at) => readRow(table, first + at).length);
  };
  const CUT = [116 * KIB, 44 * KIB];

  it('are cut by the addresses of their pages', async () => {
    const [pages, map] = [
      await part('pages-1.img', PAGES),
      await part('pagemap-7.img', runOf(1, ADDRESS, 40), 'runtime'),
    ];
    assert.deepEqual(await lengths(pages, map), CUT);
  });

  it('are cut like any other file when the pagemap is none, does not fit, or is missing', async () => {
    const pages = await part('pages-1.img', PAGES);
    for (const map of [
      Buffer.alloc(100, 'no pagemap'),
      runOf(1, ADDRESS, 39),
      runOf(2, ADDRESS, 40),
      Buffer.alloc(0),
    ]) {
      assert.notDeepEqual(await lengths(pages, await part('pagemap-7.img', map, 'runtime')), CUT);
    }
    assert.notDeepEqual(await lengths(pages), CUT);
  });

  it('keep their kind', async () => {
    const [pages, map] = [
      await part('pages-1.img', PAGES, 'volume'),
      await part('pagemap-7.img', runOf(1, ADDRESS, 40)),
    ];
    await lengths(pages, map);
    const { manifest } = await openImage(files, 'c-1', NEVER);
    assert.equal(manifest.parts.find(({ name }) => name === pages.name)?.kind, 'volume');
  });

  it('may be more than there are buffers', async () => {
    const parts: PartSource[] = [];
    for (let id = 1; id <= 20; id++) {
      parts.push(
        await part(`pages-${id}.img`, PAGES),
        await part(`pagemap-${id}.img`, runOf(id, ADDRESS, 40), 'runtime'),
      );
    }
    assert.deepEqual(await lengths(...parts), CUT);
  });

  it('have the same chunks wherever they are in their file', async () => {
    const base = new StagedFiles(join(home, 'c-0'));
    const first = [await part('pages-1.img', PAGES), await part('pagemap-7.img', runOf(1, ADDRESS, 40), 'runtime')];
    await storeImage(base, first, { ...FACTS, checkpoint: 'c-0' }, { signal: NEVER });
    const more = BYTES.subarray(PAGES.length);
    const messages = [
      [[1, 1]],
      [
        [1, 0x1000],
        [4, 4],
        [5, 3],
      ],
      [
        [1, ADDRESS],
        [4, 4],
        [5, 40],
      ],
    ] as const;
    const second = [
      await part('pages-1.img', Buffer.concat([more, PAGES])),
      await part('pagemap-7.img', pagemap(messages), 'runtime'),
    ];
    const known = [await openImage(base, 'c-0', NEVER)];
    const { manifest } = await storeImage(files, second, FACTS, { signal: NEVER, known });
    assert.ok(manifest.bytes.fresh < 4 * PAGE_BYTES, JSON.stringify(manifest.bytes));
  });

  it('that are gone by then name their part', async () => {
    const [pages, map] = [
      await part('pages-1.img', PAGES),
      await part('pagemap-7.img', runOf(1, ADDRESS, 40), 'runtime'),
    ];
    await rm(pages.path);
    const error = await failure(storeImage(files, [pages, map], FACTS, { signal: NEVER }), 'GRIT_IMAGE_PART_MISSING');
    assert.equal(error.details?.part, pages.name);
  });
});
