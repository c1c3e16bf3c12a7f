// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isGritError } from '@grit/plugin-api';
import { PvcStorage } from '../src/pvc-storage.js';

const NEVER = new AbortController().signal;
const WRITER = fileURLToPath(new URL('fixtures/write-images.ts', import.meta.url));

describe('storage-pvc: kill -9 of a writer', () => {
  let home = '';
  beforeEach(async () => (home = await mkdtemp(join(tmpdir(), 'grit-pvc-crash-'))));
  afterEach(() => rm(home, { recursive: true }));

  for (const wanted of [1, 4, 9]) {
    it(`after ${wanted} images: what it had committed is whole, and nothing else is readable`, async () => {
      const path = join(home, 'store');
      const committed = await killWriter(path, wanted);
      const storage = new PvcStorage({ path });
      const found: string[] = [];
      for await (const { id, size } of storage.list(NEVER)) {
        found.push(id);
        assert.equal(size, 3 * 512 * 1024, id);
        assert.deepEqual((await readdir(join(path, 'images', id))).sort(), ['manifest.json', 'parts'], id);
      }
      for (const id of committed) assert.ok(found.includes(id), `${id} was committed and is gone`);
      // The one in hand when it died may have been committed, too; never more.
      assert.ok(found.length <= committed.length + 1);

      const next = `c-${found.length}`;
      await assert.rejects(
        storage.open(next, NEVER),
        (error) => isGritError(error) && error.code === 'GRIT_CHECKPOINT_NOT_FOUND',
      );
      const writer = await storage.begin(next, NEVER);
      assert.deepEqual((await readdir(join(path, 'writing'))).length, 1, 'the remains of the dead writer are there');
      await writer.abort(NEVER);
      await storage.check(NEVER);
      assert.deepEqual(await readdir(join(path, 'writing')), []);
      assert.deepEqual(await readdir(join(path, 'trash')), []);
    });
  }
});

async function killWriter(path: string, wanted: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', WRITER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const committed: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    committed.push(line);
    if (committed.length === wanted) child.kill('SIGKILL');
  }
  await exited;
  assert.ok(committed.length >= wanted, `the writer ended after ${committed.length} images`);
  return committed;
}
