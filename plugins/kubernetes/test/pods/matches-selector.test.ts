// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { isEmptySelector, matchesSelector } from '../../src/pods/matches-selector.js';
import type { LabelSelector } from '../../src/api/selector.js';

const LABELS = { app: 'train', tier: 'gpu' };

describe('matchesSelector', () => {
  const table: [LabelSelector, boolean][] = [
    [{}, true],
    [{ matchLabels: { app: 'train' } }, true],
    [{ matchLabels: { app: 'train', tier: 'cpu' } }, false],
    [{ matchLabels: { toString: 'x' } }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'train'] }] }, true],
    [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'In' }] }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['train'] }] }, false],
    [{ matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }, true],
    [{ matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, true],
    [{ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }, false],
    [{ matchExpressions: [{ key: 'zone', operator: 'DoesNotExist' }] }, true],
    [{ matchLabels: { app: 'train' }, matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, false],
  ];
  for (const [selector, expected] of table) {
    it(`${JSON.stringify(selector)} ${expected ? 'fits' : 'does not fit'}`, () => {
      assert.equal(matchesSelector(selector, LABELS), expected);
    });
  }

  it('no labels are no labels', () => {
    assert.ok(!matchesSelector({ matchLabels: { app: 'train' } }, undefined));
  });

  it('an empty selector is known as one', () => {
    assert.ok(isEmptySelector({}));
    assert.ok(isEmptySelector({ matchLabels: {}, matchExpressions: [] }));
    assert.ok(!isEmptySelector({ matchLabels: { app: 'x' } }));
  });
});
