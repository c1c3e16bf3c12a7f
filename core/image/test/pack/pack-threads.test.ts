// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { checkUnchanged, fileState } from '../../src/pack/file-state.js';
import { PackControl } from '../../src/pack/pack-control.js';
import type { PackCrew } from '../../src/pack/pack-crew.js';
import { DEFAULT_LIMITS } from '../../src/pack/pack-limits.js';
import type { PackedRows } from '../../src/pack/pack-request.js';
import { PackThreads } from '../../src/pack/pack-threads.js';
import { failure } from '../facts.js';

async function ended(threads: PackThreads): Promise<void> {
  while (threads.alive > 0) await pause(1);
}

describe('the threads of packers', function () {
  this.timeout(60_000);
  let directory: string;
  let threads: PackThreads;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-threads-'));
  });
  afterEach(async () => {
    await threads.close();
    await rm(directory, { recursive: true, force: true });
  });

  const begin = (count: number): PackCrew =>
    threads.join({
      directory,
      hash: 'sha256',
      encrypted: false,
      compression: 'never',
      limits: { ...DEFAULT_LIMITS, threads: count },
      index: threads.takeIndex(64),
      control: new PackControl().memory,
    });

  it('are begun when there is work, no more than are asked for', async () => {
    threads = new PackThreads();
    const crew = begin(2);
    assert.equal(threads.alive, 0);
    await Promise.all(Array.from({ length: 6 }, () => crew.run<PackedRows>({ kind: 'finish' })));
    assert.equal(threads.alive, 2);
    assert.equal((await crew.everywhere<PackedRows>({ kind: 'finish' })).length, 2);
    await crew.leave();
    assert.equal(threads.alive, 2);
  });

  it('end when there was no packer for a while', async () => {
    threads = new PackThreads(1);
    const crew = begin(1);
    await crew.run({ kind: 'finish' });
    assert.equal(threads.alive, 1);
    await crew.leave();
    await ended(threads);
    const next = begin(1);
    await next.run({ kind: 'finish' });
    assert.equal(threads.alive, 1);
    await next.leave();
  });

  it('refuse a file that is not as it was', async () => {
    threads = new PackThreads();
    const crew = begin(1);
    const path = join(directory, 'file');
    await writeFile(path, 'before');
    const { cached, ...file } = await fileState(path);
    const work = { kind: 'file', file, start: 0, end: file.size, cached } as const;
    assert.equal((await crew.run<PackedRows>(work)).data, 6);
    await checkUnchanged(file);
    await appendFile(path, 'after');
    await failure(checkUnchanged(file), 'GRIT_IMAGE_PART_CORRUPT');
    await failure(crew.run(work), 'GRIT_IMAGE_PART_CORRUPT');
    // What was said of its size is not what there is.
    const { cached: _cached, ...now } = await fileState(path);
    await failure(crew.run({ ...work, file: now, end: now.size + 1 }), 'GRIT_IMAGE_PART_CORRUPT');
    await rename(path, `${path}-2`);
    await failure(crew.run(work), 'GRIT_IMAGE_PART_MISSING');
    await crew.leave();
  });

  it('do nothing more for a packer that has ended', async () => {
    threads = new PackThreads();
    const crew = begin(1);
    const calls = Array.from({ length: 4 }, () => crew.run({ kind: 'finish' }));
    const ended = new Error('ended');
    crew.cancel(ended);
    // One was given to the thread already.
    const results = await Promise.allSettled(calls);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'rejected'],
    );
    await assert.rejects(crew.run({ kind: 'finish' }), ended);
    await crew.leave();
  });
});
