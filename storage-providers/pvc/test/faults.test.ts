// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isGritError, type ErrorCode, type GritError } from '@grit/plugin-api';
import { PvcStorage } from '../src/pvc-storage.js';

const NEVER = new AbortController().signal;
const run = promisify(execFile);
describe('storage-pvc: faults', () => {
  let home = '';
  beforeEach(async () => (home = await mkdtemp(join(tmpdir(), 'grit-pvc-faults-'))));
  afterEach(() => rm(home, { recursive: true }));

  describe('of a small volume', () => {
    let volume = '';
    let storage: PvcStorage;
    before(function () {
      if (process.getuid?.() !== 0) this.skip('needs root to mount a volume');
    });
    beforeEach(async () => {
      volume = join(home, 'volume');
      await mkdir(volume);
      await run('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', volume]);
      storage = new PvcStorage({ path: join(volume, 'store') });
      await storage.check(NEVER);
    });
    afterEach(async () => {
      // The test about a vanished volume has unmounted it.
      await run('umount', ['-R', volume]).catch(() => undefined);
    });

    async function commit(id: string): Promise<void> {
      const writer = await storage.begin(id, NEVER);
      await writer.put('a/b', bytes(), { signal: NEVER });
      await writer.commit(Buffer.from('{}'), NEVER);
    }

    it('full in the middle of a part: GRIT_STORAGE_FULL with the part, nothing is left, and there is room again', async () => {
      const writer = await storage.begin('c-1', NEVER);
      await writer.put('criu/small.img', bytes(), { signal: NEVER });
      const error = await failure(writer.put('criu/pages-1.img', bytes(4096), { signal: NEVER }), 'GRIT_STORAGE_FULL');
      assert.equal(error.details?.part, 'criu/pages-1.img');
      assert.match(error.message, /criu\/pages-1\.img/);
      await writer.abort(NEVER);
      await failure(storage.open('c-1', NEVER), 'GRIT_CHECKPOINT_NOT_FOUND');
      assert.deepEqual(await readdir(join(volume, 'store', 'writing')), []);
      await commit('c-1');
    });

    it('full at the check', async () => {
      await run('dd', ['if=/dev/zero', `of=${join(volume, 'fill')}`, 'bs=4096']).catch(() => undefined);
      await failure(storage.check(NEVER), 'GRIT_STORAGE_FULL');
    });

    it('read-only: GRIT_STORAGE_READ_ONLY; what is there can be read', async () => {
      await commit('c-1');
      const writer = await storage.begin('c-2', NEVER);
      await run('mount', ['-o', 'remount,ro', volume]);
      const error = await failure(writer.put('a/b', bytes(), { signal: NEVER }), 'GRIT_STORAGE_READ_ONLY');
      assert.equal(error.details?.part, 'a/b');
      await failure(writer.staging!(NEVER), 'GRIT_STORAGE_READ_ONLY');
      await failure(writer.adopt!('c-1', ['a/b'], NEVER), 'GRIT_STORAGE_READ_ONLY');
      await failure(storage.check(NEVER), 'GRIT_STORAGE_READ_ONLY');
      await failure(storage.begin('c-3', NEVER), 'GRIT_STORAGE_READ_ONLY');
      await failure(storage.delete('c-1', NEVER), 'GRIT_STORAGE_READ_ONLY');
      await (await storage.open('c-1', NEVER)).manifest(NEVER);
    });

    it('unmounted: GRIT_STORAGE_UNAVAILABLE, and nothing is made in its place', async () => {
      await writeFile(join(volume, 'store', 'lost'), '');
      const writer = await storage.begin('c-1', NEVER);
      await run('umount', [volume]);
      const error = await failure(writer.put('a/b', bytes(), { signal: NEVER }), 'GRIT_STORAGE_UNAVAILABLE');
      assert.equal(error.details?.part, 'a/b');
      await failure(writer.staging!(NEVER), 'GRIT_STORAGE_UNAVAILABLE');
      await failure(writer.adopt!('c-2', ['a/b'], NEVER), 'GRIT_STORAGE_UNAVAILABLE');
      await failure(writer.commit(Buffer.from('{}'), NEVER), 'GRIT_STORAGE_UNAVAILABLE');
      await failure(storage.check(NEVER), 'GRIT_STORAGE_UNAVAILABLE');
      await failure(storage.begin('c-2', NEVER), 'GRIT_STORAGE_UNAVAILABLE');
      await failure(storage.open('c-2', NEVER), 'GRIT_STORAGE_UNAVAILABLE');
      assert.deepEqual(await readdir(volume), []);
    });

    it('without hard links nothing is adopted, and what is staged is streamed', async () => {
      await commit('c-1');
      const writer = await storage.begin('c-2', NEVER);
      const staging = await writer.staging!(NEVER);
      await writeFile(join(staging, 'pack'), Buffer.alloc(1000, 7));
      // No link leads across mounts, even of the same file system.
      const mounts = [join(volume, 'store/images/c-1/parts'), staging];
      for (const path of mounts) await run('mount', ['--bind', path, path]);
      assert.deepEqual(await writer.adopt!('c-1', ['a/b'], NEVER), []);
      assert.equal(await writer.putAdopted!('a/b', NEVER), false);
      const counted: number[] = [];
      const options = { signal: NEVER, onBytes: (count: number) => counted.push(count) };
      assert.equal(await writer.putFile!('packs/one', join(staging, 'pack'), options), false);
      assert.deepEqual(counted, []);
      await writer.put('packs/one', bytes(), { signal: NEVER });
      for (const path of mounts) await run('umount', [path]);
      await writer.commit(Buffer.from('{}'), NEVER);
      assert.equal(await (await storage.open('c-2', NEVER)).size('packs/one', NEVER), 1000);
      assert.deepEqual(await readdir(join(volume, 'store', 'writing')), []);
    });
  });

  it('a directory that vanishes under a reader is told from a missing part', async () => {
    const path = join(home, 'store');
    const storage = new PvcStorage({ path });
    const writer = await storage.begin('c-1', NEVER);
    await writer.put('a/b', bytes(), { signal: NEVER });
    await writer.commit(Buffer.from('{}'), NEVER);
    const reader = await storage.open('c-1', NEVER);
    await rename(path, `${path}-away`);
    const error = await failure(reader.size('a/b', NEVER), 'GRIT_STORAGE_UNAVAILABLE');
    assert.equal(error.details?.part, 'a/b');
    await failure(reader.manifest(NEVER), 'GRIT_STORAGE_UNAVAILABLE');
    await rename(`${path}-away`, path);
    assert.equal(await reader.size('a/b', NEVER), 1000);
  });

  it('with create: false a directory that is no store is refused', async () => {
    const storage = new PvcStorage({ path: home, create: false });
    const error = await failure(storage.check(NEVER), 'GRIT_STORAGE_UNAVAILABLE');
    assert.match(error.message, /\.grit-store/);
    assert.deepEqual(await readdir(home), []);
  });

  it('a writer whose image was begun anew by another is fenced, and its abort harms nobody', async () => {
    const path = join(home, 'store');
    const first = await new PvcStorage({ path }).begin('c-1', NEVER);
    await first.put('a', bytes(), { signal: NEVER });
    const storage = new PvcStorage({ path });
    const second = await storage.begin('c-1', NEVER);
    await failure(first.put('b', bytes(), { signal: NEVER }), 'GRIT_STEP_FENCED');
    await failure(first.commit(Buffer.from('{"first":1}'), NEVER), 'GRIT_STEP_FENCED');
    await first.abort(NEVER);
    await second.put('c', bytes(), { signal: NEVER });
    await second.commit(Buffer.from('{}'), NEVER);
    assert.equal(await (await storage.open('c-1', NEVER)).size('c', NEVER), 1000);
  });

  it('a part that is no file is missing', async () => {
    const path = join(home, 'store');
    const storage = new PvcStorage({ path });
    await (await storage.begin('c-1', NEVER)).commit(Buffer.from('{}'), NEVER);
    await mkdir(join(path, 'images/c-1/parts/a'));
    const reader = await storage.open('c-1', NEVER);
    await failure(reader.size('a', NEVER), 'GRIT_IMAGE_PART_MISSING');
    await failure(reader.size('a/b', NEVER), 'GRIT_IMAGE_PART_MISSING');
  });
});

/** So many times 1000 bytes. */
async function* bytes(times = 1): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < times; at++) yield Buffer.alloc(1000, 7);
}

async function failure(call: Promise<unknown>, code: ErrorCode): Promise<GritError> {
  const error: unknown = await call.then(
    () => assert.fail(`succeeded, expected ${code}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(isGritError(error), String(error));
  assert.equal(error.code, code, error.message);
  return error;
}
