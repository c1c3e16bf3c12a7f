// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CheckpointStore, CheckpointStoreStatus } from '../../../src/api/checkpoint-store.js';
import { KEYS } from '../../../src/api/group.js';
import { chooseStore } from '../../../src/controllers/store/choose-store.js';
import { decideStore } from '../../../src/controllers/store/decide-store.js';

const seed = Number(process.env['GRIT_SEED'] ?? 20261128);

type Entry = NonNullable<CheckpointStoreStatus['nodes']>[number];

function storeOf(
  name: string,
  options: {
    readonly isDefault?: boolean;
    readonly namespaces?: string[];
    readonly nodes?: Entry[];
    readonly generation?: number;
  } = {},
): CheckpointStore {
  const { isDefault = false, namespaces, nodes, generation = 1 } = options;
  return {
    metadata: { name, generation, annotations: isDefault ? { [KEYS.defaultStore]: 'true' } : {} },
    spec: { plugin: 'storage-pvc', ...(namespaces === undefined ? {} : { namespaces }) },
    ...(nodes === undefined ? {} : { status: { nodes } }),
  };
}

const entry = (name: string, ready: boolean, generation = 1): Entry => ({
  name,
  generation,
  ready,
  ...(ready ? {} : { message: 'no such directory' }),
});

describe('the choice of a CheckpointStore', () => {
  const a = storeOf('a');
  const b = storeOf('b', { isDefault: true });

  it('is the one that is named, else the default', () => {
    assert.equal(chooseStore([a, b], { namespace: 'ns', name: 'a' }).store, a);
    assert.equal(chooseStore([a, b], { namespace: 'ns' }).store, b);
  });

  it('says what to do when there is none', () => {
    const missing = chooseStore([b, a], { namespace: 'ns', name: 'c' });
    assert.deepEqual(missing, {
      reason: 'StoreNotFound',
      message: 'spec.storage: there is no CheckpointStore c; there are a, b',
    });
    assert.match(JSON.stringify(chooseStore([a], { namespace: 'ns' })), /NoDefaultStore.*is-default-store=true/);
  });

  it('refuses to guess between two defaults', () => {
    const c = storeOf('c', { isDefault: true });
    const choice = chooseStore([c, b], { namespace: 'ns' });
    assert.ok(choice.store === undefined);
    assert.equal(choice.reason, 'SeveralDefaultStores');
    assert.match(choice.message, /^CheckpointStores b and c are all the default/);
    assert.equal(chooseStore([c, b], { namespace: 'ns', name: 'c' }).store, c);
  });

  it('keeps to the namespaces', () => {
    const only = storeOf('only', { isDefault: true, namespaces: ['x'] });
    assert.equal(chooseStore([only], { namespace: 'x' }).store, only);
    for (const name of [undefined, 'only']) {
      assert.match(JSON.stringify(chooseStore([only], { namespace: 'y', name })), /StoreNotAllowed.*spec\.namespaces/);
    }
  });

  it('leaves out a default that is being deleted', () => {
    const leaving = storeOf('leaving', { isDefault: true });
    const gone = { ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    assert.equal(chooseStore([gone, b], { namespace: 'ns' }).store, b);
  });
});

describe('the state of a CheckpointStore', () => {
  const nodes = new Set(['a', 'b', 'c']);

  it('is Pending until a node has tried it', () => {
    assert.equal(decideStore(storeOf('s'), [], nodes).phase, 'Pending');
    assert.match(decideStore(storeOf('s'), [], new Set()).message, /install the node agent/);
  });

  it('is Ready when a node can use it, and names those that cannot', () => {
    const state = decideStore(storeOf('s', { nodes: [entry('b', false), entry('a', true)] }), [], nodes);
    assert.deepEqual(state, {
      phase: 'Ready',
      nodesReady: 1,
      ready: 'True',
      reason: 'Usable',
      message: '1 of 3 nodes can use it; not b: no such directory',
    });
  });

  it('is NotReady when those that tried failed', () => {
    const state = decideStore(storeOf('s', { nodes: [entry('b', false)] }), [], nodes);
    assert.equal(
      `${state.phase} ${state.reason} ${state.message}`,
      'NotReady Unusable no node can use it: b: no such directory',
    );
  });

  it('nodes that say the same say it once', () => {
    const others = { ...entry('c', false), message: 'denied. Correct the keys.' };
    const state = decideStore(storeOf('s', { nodes: [entry('b', false), entry('a', false), others] }), [], nodes);
    assert.equal(state.message, 'no node can use it: a, b: no such directory; c: denied. Correct the keys');
  });

  it('what was found out about an earlier spec, or by a node that is gone, counts no more', () => {
    const old = [entry('a', true, 1), entry('gone', true, 2)];
    assert.equal(decideStore(storeOf('s', { nodes: old, generation: 2 }), [], nodes).phase, 'Pending');
  });

  it('two defaults are both NotReady, each naming the other', () => {
    const one = storeOf('one', { isDefault: true, nodes: [entry('a', true)] });
    const two = storeOf('two', { isDefault: true, nodes: [entry('a', true)] });
    const all = [one, two, storeOf('three')];
    for (const [store, other] of [
      [one, 'two'],
      [two, 'one'],
    ] as const) {
      const state = decideStore(store, all, nodes);
      assert.equal(`${state.phase} ${state.reason}`, 'NotReady SeveralDefaultStores');
      assert.ok(state.message.startsWith(`${other} is the default, too`), state.message);
    }
  });

  it('holds for any findings: Ready exactly when a present node can use this spec', () => {
    const entries = fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        generation: fc.constantFrom(1, 2),
        ready: fc.boolean(),
      }),
      { selector: ({ name }) => name },
    );
    fc.assert(
      fc.property(entries, (found) => {
        const state = decideStore(storeOf('s', { nodes: found, generation: 2 }), [], nodes);
        const usable = found.filter(({ name, generation, ready }) => nodes.has(name) && generation === 2 && ready);
        assert.equal(state.nodesReady, usable.length);
        assert.equal(state.phase === 'Ready', usable.length > 0);
        assert.equal(state.ready === 'True', usable.length > 0);
        assert.ok(state.message.length < 32_768);
      }),
      { seed },
    );
  });
});
