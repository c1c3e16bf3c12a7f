// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyRing, storeImage, withKeys } from '@grit/image';
import { isGritError, type KeyProvider } from '@grit/plugin-api';
import { MemoryLogger, MemoryStorage } from '@grit/plugin-testing';
import { openKnownImages } from '../../src/agent/known-images.js';

const ID = 'c-1';

function ring(name: string, byte: number): KeyProvider {
  return keyRing({ current: name, keys: { [name]: new Uint8Array(32).fill(byte) } });
}

describe('agent: images that a dump may use', function () {
  this.timeout(60_000);
  const { signal } = new AbortController();
  const storage = new MemoryStorage();
  let home: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-known-images-'));
    const path = join(home, 'part');
    await writeFile(path, 'some memory');
    const writer = await storage.begin(ID, signal);
    const facts = {
      checkpoint: ID,
      workload: { kind: 'container', name: 'train' },
      node: 'local',
      createdAt: 0,
      runtime: { driver: 'criu', version: 1, data: {} },
      facts: {},
      timings: [],
    } as const;
    const options = { signal, keys: ring('k1', 1), workDirectory: home };
    await storeImage(writer, [{ name: 'criu/pages-1.img', kind: 'memory', path }], facts, options);
  });
  after(() => rm(home, { recursive: true }));

  const idsWith = async (keys: KeyProvider): Promise<string[]> => {
    const images = await openKnownImages(withKeys(storage, keys), ['c-0', ID], { signal, logger: new MemoryLogger() });
    return images.map(({ manifest }) => manifest.checkpoint);
  };

  it('are those that can be opened: one that is not there, or whose key is not there, is left out', async () => {
    assert.deepEqual(await idsWith(ring('k1', 1)), [ID]);
    assert.deepEqual(await idsWith(ring('k2', 2)), []);
  });

  it('a key with the name of another one is refused: what it encrypts would be lost when it is set right', async () => {
    await assert.rejects(idsWith(ring('k1', 2)), (error) => isGritError(error) && error.code === 'GRIT_KEY_WRONG');
  });
});
