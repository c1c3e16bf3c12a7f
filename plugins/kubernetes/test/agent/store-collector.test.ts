// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal } from 'node:assert/strict';
import { once } from 'node:events';
import { GritError, type Collected } from '@grit/plugin-api';
import { MemoryLogger } from '@grit/plugin-testing';
import { StoreCollector } from '../../src/agent/store-collector.js';
import { StoreEntries } from '../../src/agent/store-entries.js';
import type { CheckpointStore, CheckpointStoreSpec, CheckpointStoreStatus } from '../../src/api/checkpoint-store.js';
import { STORES } from '../../src/api/kinds.js';
import { Informer } from '../../src/kit/informer.js';
import type { KubeClient } from '../../src/kit/kube-client.js';

const of = (bytes: number) => ({ objects: 1, bytes });
const FOUND: Collected = { used: of(30), removed: of(10), waiting: of(20) };
const HOUR = 3_600_000;

describe('a node that collects a store', () => {
  let end: AbortController;
  let stores: Informer<CheckpointStore>;
  let collector: StoreCollector;
  /** Grace period of each collection. */
  let calls: number[];
  let written: NonNullable<CheckpointStoreStatus['nodes']>;
  let result: () => Promise<Collected | undefined>;
  let version = 0;

  beforeEach(() => {
    end = new AbortController();
    calls = [];
    written = [];
    result = () => Promise.resolve(FOUND);
    const logger = new MemoryLogger();
    const client: Pick<KubeClient, 'apply'> = {
      apply: (_, body) => {
        written.push(...((body as unknown as CheckpointStore).status?.nodes ?? []));
        return Promise.resolve(body as never);
      },
    };
    stores = new Informer<CheckpointStore>(client as KubeClient, STORES, {}, logger);
    const entries = new StoreEntries(client as KubeClient, 'a', end.signal);
    const collect = (_: CheckpointStore, graceMs: number): Promise<Collected | undefined> => {
      calls.push(graceMs);
      return result();
    };
    collector = new StoreCollector({ node: 'a', stores, entries, collect, againMs: HOUR, logger }, end.signal);
    collector.start();
  });

  afterEach(async () => {
    const ended = once(end.signal, 'abort');
    end.abort();
    await ended;
    await collector.settled();
  });

  const see = async (status: CheckpointStoreStatus, spec: Partial<CheckpointStoreSpec> = {}): Promise<void> => {
    const metadata = { name: 's', uid: 's', generation: 1, resourceVersion: String((version += 1)) };
    stores.stored({ metadata, spec: { plugin: 'storage-blob', ...spec }, status });
    await collector.settled();
  };
  const ago = (ms: number, node = 'b') => {
    const collected = { at: new Date(Date.now() - ms).toISOString(), removedBytes: 0, waitingBytes: 0, usedBytes: 0 };
    return [{ name: node, generation: 1, ready: true, collected }];
  };

  it('does so at once when nobody has, says what it found beside what it said before, and not again before it is due', async () => {
    const nodes = [{ name: 'a', generation: 1, ready: true }];
    await see({ collector: 'a', nodes });
    deepEqual(calls, [24 * HOUR]);
    const { collected, ...entry } = written[0] ?? {};
    deepEqual(entry, { name: 'a', generation: 1, ready: true });
    const { at = '', ...bytes } = collected ?? {};
    deepEqual(bytes, { removedBytes: 10, waitingBytes: 20, usedBytes: 30 });
    equal(Number.isNaN(Date.parse(at)), false);
    // The cache has not heard of it yet.
    await see({ collector: 'a', nodes });
    equal(calls.length, 1);
  });

  it('does so as often as the store says, whoever did it last', async () => {
    await see({ collector: 'a', nodes: ago(5 * HOUR) });
    equal(calls.length, 0);
    await see({ collector: 'a', nodes: ago(5 * HOUR) }, { collect: { every: '4h', grace: '2h' } });
    deepEqual(calls, [2 * HOUR]);
  });

  it('does nothing when another one is to, or nobody', async () => {
    await see({ collector: 'b' });
    await see({});
    await see({ collector: 'a' }, { collect: { every: '0s' } });
    deepEqual(calls, []);
  });

  it('is not misled by a clock that is ahead', async () => {
    await see({ collector: 'a', nodes: ago(-1_000 * HOUR) });
    equal(calls.length, 1);
  });

  it('leaves a store alone for a while that could not be looked through', async () => {
    result = () => Promise.reject(new GritError('GRIT_STORAGE_UNAVAILABLE', 'no answer'));
    await see({ collector: 'a' });
    await see({ collector: 'a' });
    deepEqual([calls.length, written], [1, []]);
  });

  it('has nothing to say of a store whose plugin shares nothing', async () => {
    result = () => Promise.resolve(undefined);
    await see({ collector: 'a' });
    await see({ collector: 'a' });
    deepEqual([calls.length, written], [1, []]);
  });
});
