// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PartSource } from '@grit/plugin-api';
import { FaultProxy, type FaultPoint, type Match } from '../../fixtures/object-stores/fault-proxy.js';
import { SEED, memoryOf, randomBytesOf, randomOf, writeParts } from '../image-put/corpus.js';
import { factsOf, isIdentical, verifyStore } from '../image-put/stored-image.js';
import { isCollected } from './run-cell.js';
import { startS3Service, type S3Service } from './s3-service.js';
import { storeInChild, type StoreJob } from './store-job.js';
import { storeKept } from './store-kept.js';

/** Kills; `all`: before and after each request. */
const KILLS = process.env.GRIT_KILLS ?? '5';
const SIZE = 3 * 1024 * 1024;
const OBJECTS = { method: 'PUT', key: /\/objects\// } as const;

describe(`object stores: kill -9 of a child that stores an image (seed ${SEED})`, function () {
  this.timeout(600_000);
  let home = '';
  let service: S3Service;
  let proxy: FaultProxy;
  let parts: readonly PartSource[];
  /** Of a store that nothing happens to. */
  let requests = 0;
  let bytes = 0;
  before(async function () {
    service = await startS3Service(this);
    home = await mkdtemp(join(tmpdir(), 'grit-killed-store-'));
    proxy = await FaultProxy.start(service.endpoint, service.root);
    parts = await writeParts(join(home, 'source'), {
      'criu/pages-1.img': memoryOf('pages-1', SIZE),
      'criu/core-1.img': randomBytesOf('core', 5000),
    });
    const job = await jobOf('whole');
    // It ends by itself: neither a connection nor a timer is left open.
    assert.equal(await storeInChild(job).ended, 'stored');
    requests = proxy.requests.length;
    bytes = proxy.sentBytes(OBJECTS);
  });
  after(async () => {
    // Skipped: there is none.
    if (home === '') return;
    await proxy.stop();
    await service.stop();
    await rm(home, { recursive: true });
  });
  beforeEach(() => {
    proxy.calm();
    proxy.forget();
  });

  const jobOf = async (name: string): Promise<StoreJob> => {
    const directory = join(home, `kept-${name}`);
    await mkdir(directory);
    const place = service.config({ endpoint: proxy.endpoint, prefix: `${name}/` });
    return { place, parts, facts: factsOf('c-1'), directory };
  };

  /** Kills a child, and has another one go on. Returns the bytes of objects that the second one has sent. */
  const killed = async (name: string, when: FaultPoint, match: Match, second: 'child' | 'here'): Promise<number> => {
    const job = await jobOf(name);
    const child = storeInChild(job);
    const rule = proxy.when(match, { do: 'call', when, call: () => child.kill() });
    assert.equal(await child.ended, 'killed');
    assert.equal(rule.hits, 1);
    proxy.calm();

    const clean = service.provider({ endpoint: service.endpoint, prefix: `${name}/` });
    const seen = await verifyStore(clean);
    assert.ok(seen.length === 0 || seen.join() === 'c-1', seen.join());
    proxy.forget();
    if (second === 'child') assert.equal(await storeInChild(job).ended, 'stored');
    else await storeKept(service.provider({ endpoint: proxy.endpoint, prefix: `${name}/` }), job);
    const again = proxy.sentBytes(OBJECTS);

    assert.deepEqual(await verifyStore(clean), ['c-1']);
    await isIdentical(clean, 'c-1', parts, join(home, 'copy'));
    await isCollected(service, clean, `${name}/`);
    return again;
  };

  it('at half of the bytes: the next one sends less than 60 % of them', async () => {
    const half = (): boolean => proxy.sentBytes(OBJECTS) >= bytes / 2;
    const again = await killed('half', 'before', { ...OBJECTS, where: half }, 'child');
    assert.ok(again < 0.6 * bytes, `${again} of ${bytes} bytes were sent again`);
  });

  it('at requests of all kinds: the next one finishes it', async () => {
    const points = pointsOf(requests);
    for (const { nth, when } of points) await killed(`${when}-${nth}`, when, { nth }, 'here');
    console.log(`      killed ${points.length} times, of ${requests} requests; each time the next one has finished it`);
  });
});

function pointsOf(requests: number): { readonly nth: number; readonly when: FaultPoint }[] {
  const all = Array.from({ length: requests * 2 }, (_, at) => ({
    nth: 1 + (at >> 1),
    when: at % 2 === 0 ? ('before' as const) : ('after' as const),
  }));
  if (KILLS === 'all') return all;
  const last = all.slice(-1);
  const random = Array.from({ length: Number(KILLS) - 1 }, (_, at) => {
    // One in each stretch, so that none of the steps is left out for long.
    return all[Math.floor(((at + randomOf(`kill-${at}`)) * all.length) / Number(KILLS))]!;
  });
  return [...random, ...last];
}
