// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Pod } from '../../src/api/core-kinds.js';
import { KEYS } from '../../src/api/group.js';
import { authorSpec, rememberPlacement } from '../../src/pods/author-placement.js';

const pod = (spec: Partial<Pod['spec']>, annotations: Record<string, string> = {}): Pod => ({
  metadata: { name: 'p', annotations },
  spec: { containers: [], ...spec },
});

describe('where the author of a pod wanted it', () => {
  it('is found again in a pod that a restore has placed', () => {
    const tolerations = [{ key: 'a', operator: 'Exists' }];
    const first = pod({ tolerations, restartPolicy: 'Never' });
    const remembered = { [KEYS.authorPlacement]: rememberPlacement(first) };
    const placed = pod(
      { restartPolicy: 'Never', runtimeClassName: 'grit', affinity: { nodeAffinity: {} }, tolerations: [] },
      remembered,
    );
    assert.deepEqual(authorSpec(placed), first.spec);
    assert.equal(rememberPlacement(placed), remembered[KEYS.authorPlacement], 'of the first move, in every later one');
  });

  it('is what stands in a pod that was never restored', () => {
    const never = pod({ runtimeClassName: 'gvisor' });
    assert.equal(authorSpec(never), never.spec);
  });

  for (const text of ['', '{', '[]', '"x"', 'null', '7']) {
    it(`is not taken from ${text === '' ? 'an empty annotation' : text}`, () => {
      const odd = pod({ runtimeClassName: 'grit' }, { [KEYS.authorPlacement]: text });
      assert.equal(authorSpec(odd), odd.spec);
    });
  }

  it('brings nothing but the placement with it', () => {
    const text = JSON.stringify({ runtimeClassName: 'a', containers: [{ name: 'evil' }], hostPID: true });
    const odd = pod({}, { [KEYS.authorPlacement]: text });
    assert.deepEqual(authorSpec(odd), { containers: [], runtimeClassName: 'a' });
  });
});
