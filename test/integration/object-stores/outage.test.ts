// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fetchImage, openImage, storeImage, verifyImage } from '@grit/image';
import type { PartSource, StorageProvider } from '@grit/plugin-api';
import { FaultProxy } from '../../fixtures/object-stores/fault-proxy.js';
import { memoryOf, writeParts } from '../image-put/corpus.js';
import { factsOf, isIdentical, signal } from '../image-put/stored-image.js';
import { isCollected } from './run-cell.js';
import type { Service } from './service.js';
import { SERVICES } from './services.js';

/** How long the service is away. */
const OUTAGE_MS = Number(process.env.GRIT_OUTAGE_MS ?? 500);
const KIB = 1024;

for (const { name, start } of SERVICES) {
  describe(`object stores: ${name} that is away, and that is too busy`, function () {
    this.timeout(300_000);
    let home = '';
    let service: Service;
    let proxy: FaultProxy;
    let parts: readonly PartSource[];
    let prefixes = 0;
    let prefix = '';
    let faulty: StorageProvider;
    let clean: StorageProvider;
    before(async function () {
      service = await start(this);
      home = await mkdtemp(join(tmpdir(), 'grit-outage-'));
      parts = await writeParts(join(home, 'source'), { 'criu/pages-1.img': memoryOf('outage', 1500 * KIB) });
    });
    after(async () => {
      if (home === '') return;
      await service.stop();
      await rm(home, { recursive: true });
    });
    beforeEach(async () => {
      prefix = `outage-${++prefixes}/`;
      proxy = await FaultProxy.start(service.endpoint, service.root);
      faulty = service.provider({ endpoint: proxy.endpoint, prefix });
      clean = service.provider({ endpoint: service.endpoint, prefix });
    });
    afterEach(async () => {
      await proxy.stop();
      await isCollected(service, clean, prefix);
    });

    const store = async (storage: StorageProvider, id = 'c-1'): Promise<unknown> =>
      storeImage(await storage.begin(id, signal), parts, factsOf(id), { signal, limits: { packBytes: 128 * KIB } });
    const read = async (): Promise<void> => {
      const reader = await openImage(faulty, 'c-1', signal);
      await verifyImage(reader, { signal });
      await fetchImage(reader, join(home, 'copy'), { signal, durable: false });
      await rm(join(home, 'copy'), { recursive: true });
    };
    const away = async (): Promise<void> => {
      await proxy.down();
      await delay(OUTAGE_MS);
      await proxy.up();
    };

    it(`an outage of ${OUTAGE_MS} ms in the middle of a store, and of a restore, is waited for`, async () => {
      const objects = { method: 'PUT', key: /\/objects\// };
      proxy.when({ ...objects, nth: 4 }, { do: 'call', when: 'before', call: away });
      await store(faulty);
      await isIdentical(clean, 'c-1', parts, join(home, 'copy'));
      proxy.when({ method: 'GET', key: /\/objects\//, nth: 3 }, { do: 'call', when: 'down', call: away });
      await read();
    });

    it('a storm of throttling is met with patience, not with requests', async () => {
      await store(faulty, 'c-0');
      const calm = proxy.requests.length;
      proxy.forget();
      const storm = proxy.when({ every: 2, times: 20 }, { do: 'answer', answer: service.answers.slow });
      await store(faulty);
      assert.equal(storm.hits > 5, true, `${storm.hits} were refused`);
      // Each refusal is answered by one more try.
      const most = calm + storm.hits + 3;
      assert.ok(proxy.requests.length <= most, `${proxy.requests.length} requests, ${most} at most`);
      await isIdentical(clean, 'c-1', parts, join(home, 'copy'));
      await read();
    });
  });
}
