// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal } from 'node:assert/strict';
import { findCondition, setCondition } from '../../src/kit/conditions.js';

const THEN = new Date('2026-11-28T04:00:00Z');
const NOW = new Date('2026-11-28T05:00:00Z');
const READY = { type: 'Ready', status: 'True', reason: 'AllWell', message: '' } as const;

describe('conditions', () => {
  it('keep the time of their last transition while the status stays', () => {
    const list = setCondition(undefined, READY, THEN);
    const same = setCondition(list, { ...READY, reason: 'StillWell' }, NOW);
    deepEqual(same, [{ ...READY, reason: 'StillWell', lastTransitionTime: THEN.toISOString() }]);
    const other = setCondition(same, { ...READY, status: 'False' }, NOW);
    equal(findCondition(other, 'Ready')?.lastTransitionTime, NOW.toISOString());
  });

  it('keep their places, and the list that they came from stays', () => {
    const list = setCondition(setCondition([], READY, THEN), { ...READY, type: 'Stored' }, THEN);
    const next = setCondition(list, { ...READY, status: 'False' }, NOW);
    deepEqual(
      next.map(({ type, status }) => `${type} ${status}`),
      ['Ready False', 'Stored True'],
    );
    equal(findCondition(list, 'Ready')?.status, 'True');
    equal(findCondition(list, 'Gone'), undefined);
  });
});
