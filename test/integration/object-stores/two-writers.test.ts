// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeImage } from '@grit/image';
import { isGritError, type PartSource, type StorageProvider } from '@grit/plugin-api';
import { memoryOf, writeParts } from '../image-put/corpus.js';
import { factsOf, isIdentical, signal, verifyStore } from '../image-put/stored-image.js';
import { isCollected } from './run-cell.js';
import type { Service } from './service.js';
import { SERVICES } from './services.js';

const KIB = 1024;
const options = { signal, limits: { packBytes: 128 * KIB } };

for (const { name, start } of SERVICES) {
  describe(`object stores: two writers of one image in ${name}`, function () {
    this.timeout(300_000);
    let home = '';
    let service: Service;
    let parts: readonly PartSource[];
    let prefixes = 0;
    let prefix = '';
    before(async function () {
      service = await start(this);
      home = await mkdtemp(join(tmpdir(), 'grit-blob-writers-'));
      parts = await writeParts(join(home, 'source'), { 'criu/pages-1.img': memoryOf('two', 1024 * KIB) });
    });
    after(async () => {
      if (home === '') return;
      await service.stop();
      await rm(home, { recursive: true });
    });
    beforeEach(() => (prefix = `writers-${++prefixes}/`));

    /** As another process has it. */
    const another = (): StorageProvider => service.provider({ endpoint: service.endpoint, prefix });
    const store = async (id = 'c-1'): Promise<unknown> =>
      storeImage(await another().begin(id, signal), parts, factsOf(id), options);
    const isWhole = async (): Promise<void> => {
      const storage = another();
      assert.deepEqual(await verifyStore(storage), ['c-1']);
      await isIdentical(storage, 'c-1', parts, join(home, 'copy'));
      await isCollected(service, storage, prefix);
    };

    it('one that is overtaken before its commit is fenced, and takes nothing of the other away', async () => {
      const first = await another().begin('c-1', signal);
      const commit = first.commit.bind(first);
      first.commit = async (...args) => {
        await store();
        return commit(...args);
      };
      const refused = storeImage(first, parts, factsOf('c-1'), options);
      await assert.rejects(refused, (error) => isGritError(error) && error.code === 'GRIT_STEP_FENCED');
      await isWhole();
    });

    it('many at the same time: one of them wins, the others are told', async () => {
      const ended = await Promise.allSettled(Array.from({ length: 4 }, () => store()));
      const errors = ended.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
      assert.equal(errors.length, 3, String(errors));
      for (const error of errors) {
        assert.ok(isGritError(error), String(error));
        assert.ok(['GRIT_STEP_FENCED', 'GRIT_IDEMPOTENCY_CONFLICT'].includes(error.code), error.stack);
      }
      await isWhole();
    });
  });
}
