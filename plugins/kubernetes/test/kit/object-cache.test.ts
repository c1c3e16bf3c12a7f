// SPDX-License-Identifier: Apache-2.0
import { deepEqual, throws } from 'node:assert/strict';
import fc from 'fast-check';
import type { KubeObject } from '../../src/api/metadata.js';
import { keyOf, refOf } from '../../src/kit/keys.js';
import { ObjectCache } from '../../src/kit/object-cache.js';
import { SEEDED } from './seeded.js';

const OBJECT = fc
  .record({
    name: fc.constantFrom('a', 'b', 'c'),
    namespace: fc.constantFrom(undefined, 'x', 'y'),
    owners: fc.uniqueArray(fc.constantFrom('p', 'q', 'r')),
  })
  .map(({ name, namespace, owners }): KubeObject => {
    const labels = { owners: owners.join(' ') };
    return { metadata: namespace === undefined ? { name, labels } : { name, namespace, labels } };
  });

function ownersOf(object: KubeObject): readonly string[] {
  return (object.metadata.labels?.['owners'] ?? '').split(' ').filter((owner) => owner !== '');
}

describe('a cache of objects', () => {
  it('finds by key and by index what a plain list would', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), OBJECT), { maxLength: 40 }), (actions) => {
        const cache = new ObjectCache<KubeObject>({ owner: ownersOf });
        const model = new Map<string, KubeObject>();
        for (const [isSet, object] of actions) {
          const key = keyOf(object);
          deepEqual(isSet ? cache.set(object) : cache.delete(key), model.get(key));
          if (isSet) model.set(key, object);
          else model.delete(key);
          deepEqual(cache.get(refOf(key)), model.get(key));
          deepEqual([...cache.keys()].sort(), [...model.keys()].sort());
          for (const owner of ['p', 'q', 'r']) {
            const expected = [...model.values()].filter((known) => ownersOf(known).includes(owner));
            deepEqual(cache.by('owner', owner).map(keyOf).sort(), expected.map(keyOf).sort());
          }
        }
      }),
      SEEDED,
    );
  });

  it('says when an index was never asked for', () => {
    throws(() => new ObjectCache<KubeObject>({}).by('owner', 'p'), /no index owner/);
  });
});
