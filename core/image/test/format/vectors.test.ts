// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isGritError } from '@grit/plugin-api';
import { keyRing } from '../../src/crypto/key-ring.js';
import { fetchImage } from '../../src/read/fetch-image.js';
import { openImage } from '../../src/read/open-image.js';
import { verifyImage } from '../../src/read/verify-image.js';
import { readVector } from './read-vector.js';
import { SAMPLE_KEY } from './sample-encryption.js';
import { vectorFiles } from './vector-files.js';
import { VectorStore } from './vector-store.js';

/** The keys that a reader of the vectors has. */
const VECTOR_KEYS = keyRing({ current: SAMPLE_KEY.id, keys: { [SAMPLE_KEY.id]: SAMPLE_KEY.bytes } });

const NEVER = new AbortController().signal;
const VECTORS = fileURLToPath(new URL('../../vectors', import.meta.url));

/** All files below a directory of the vectors, by path. */
function filesIn(directory: string): Map<string, Buffer> {
  const root = join(VECTORS, directory);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(root, path), readFileSync(path)];
    }),
  );
}

/** The objects of a broken image: those of the good one, with what is different. */
function brokenImage(name: string): { about: { error: string }; objects: Map<string, Buffer> } {
  const files = filesIn(`broken/${name}`);
  const about = JSON.parse(String(files.get('case.json'))) as { base: string; error: string; missing: string[] };
  files.delete('case.json');
  const objects = new Map([...filesIn(about.base), ...files]);
  for (const object of about.missing) objects.delete(object);
  return { about, objects };
}

describe('image: test vectors', function () {
  this.timeout(60_000);

  before(() => {
    if (process.env.GRIT_WRITE_VECTORS !== '1') return;
    for (const directory of ['good', 'broken', 'parts'])
      rmSync(join(VECTORS, directory), { recursive: true, force: true });
    for (const [path, bytes] of vectorFiles()) {
      mkdirSync(dirname(join(VECTORS, path)), { recursive: true });
      writeFileSync(join(VECTORS, path), bytes);
    }
  });

  it('are what the format makes of the sample today', () => {
    const expected = vectorFiles();
    const found = new Map(
      ['good', 'broken', 'parts'].flatMap((top) => [...filesIn(top)].map(([path, bytes]) => [`${top}/${path}`, bytes])),
    );
    assert.deepEqual([...found.keys()].sort(), [...expected.keys()].sort());
    for (const [path, bytes] of expected) assert.ok(found.get(path)?.equals(bytes), path);
  });

  for (const name of readdirSync(join(VECTORS, 'good'))) {
    it(`${name} is read`, async () => {
      compare(await readVector(filesIn(`good/${name}`)));
    });

    for (const local of [false, true]) {
      it(`${name} is verified and fetched from a store ${local ? 'on this machine' : 'elsewhere'}`, async () => {
        const directory = mkdtempSync(join(tmpdir(), 'grit-vector-'));
        try {
          const path = join(VECTORS, 'good', name);
          const store = new VectorStore(filesIn(`good/${name}`), local ? path : undefined, VECTOR_KEYS);
          const reader = await openImage(store, 'ck-sample', NEVER);
          await verifyImage(reader, { signal: NEVER });
          const parts = await fetchImage(reader, directory, { signal: NEVER });
          compare(new Map(parts.map((part) => [part.name, readFileSync(part.path)])));
        } finally {
          rmSync(directory, { recursive: true, force: true });
        }
      });
    }
  }

  for (const name of readdirSync(join(VECTORS, 'broken'))) {
    it(`${name} is refused`, async () => {
      const { about, objects } = brokenImage(name);
      await refused(readVector(objects), about.error);
      const store = new VectorStore(objects, undefined, VECTOR_KEYS);
      const verified = openImage(store, 'ck-sample', NEVER).then((reader) => verifyImage(reader, { signal: NEVER }));
      await refused(verified, about.error);
    });
  }
});

function compare(parts: ReadonlyMap<string, Buffer>): void {
  const expected = filesIn('parts');
  assert.deepEqual([...parts.keys()].sort(), [...expected.keys()].sort());
  for (const [part, bytes] of expected) assert.ok(parts.get(part)?.equals(bytes), part);
}

async function refused(call: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(isGritError(error), String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}
