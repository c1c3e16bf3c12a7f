// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal } from 'node:assert/strict';
import type { CheckpointStore, CheckpointStoreStatus } from '../../../src/api/checkpoint-store.js';
import { decideCollection, isCollectionSaid } from '../../../src/controllers/store/decide-collection.js';

type Entry = NonNullable<CheckpointStoreStatus['nodes']>[number];

const entry = (name: string, more: Partial<Entry> = {}): Entry => ({ name, generation: 2, ready: true, ...more });
const collected = (at: string) => ({ at, removedBytes: 1, waitingBytes: 2, usedBytes: 3 });
const AT_WORK = new Set(['a', 'b', 'c']);

function store(status: CheckpointStoreStatus): CheckpointStore {
  return { metadata: { name: 's', generation: 2 }, spec: { plugin: 'storage-blob' }, status };
}

describe('the collector of a CheckpointStore', () => {
  it('is one node that is at work and can use the store as it is now', () => {
    const nodes = [entry('c'), entry('a', { generation: 1 }), entry('b', { ready: false }), entry('gone')];
    equal(decideCollection(store({ nodes }), AT_WORK).collector, 'c');
    equal(decideCollection(store({ nodes }), new Set()).collector, undefined);
  });

  it('stays the same for as long as it can', () => {
    const nodes = [entry('a'), entry('b')];
    equal(decideCollection(store({ nodes, collector: 'b' }), AT_WORK).collector, 'b');
    equal(decideCollection(store({ nodes, collector: 'b' }), new Set(['a'])).collector, 'a');
  });

  it('tells of the last collection, also when the node that did it is gone', () => {
    const at = { a: collected('2026-11-28T04:00:00Z'), b: collected('2026-11-28T10:00:00Z') };
    const nodes = [entry('a', { collected: at.a }), entry('b', { collected: at.b })];
    const last = { ...at.b, node: 'b' };
    const told = decideCollection(store({ nodes }), AT_WORK);
    deepEqual(told.lastCollected, last);
    deepEqual(decideCollection(store({ nodes: [], lastCollected: last }), AT_WORK), { lastCollected: last });
    equal(isCollectionSaid(store({ nodes, ...told }), told), true);
    equal(isCollectionSaid(store({ nodes, collector: 'a' }), told), false);
  });
});
