// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Gpu } from '../../src/nvml/gpus.js';
import { movedBy } from '../../src/device/lodger.js';
import { checkRoom } from '../../src/device/restore.js';

function gpu(uuid: string, freeBytes: number): Gpu {
  const rest = { minor: 0, busId: '', persistence: true, mig: false, computeMode: 'default' };
  return { uuid, name: 'a model', memoryBytes: 100, freeBytes, ...rest };
}

const full = { code: 'GRIT_DEVICE_BUSY' };

describe('the room that processes need on their GPUs', () => {
  it('is that of their memory where it is known to be on some of those that they could see', () => {
    const all = { devices: ['a', 'b'], bytes: 80 };
    checkRoom([gpu('a', 80), gpu('b', 0)], [{ ...all, memoryOn: ['a'] }]);
    assert.throws(() => checkRoom([gpu('a', 79), gpu('b', 100)], [{ ...all, memoryOn: ['a'] }]), full);
  });

  it('is an equal part of each where that is not known', () => {
    const all = { devices: ['a', 'b'], bytes: 80 };
    checkRoom([gpu('a', 40), gpu('b', 40)], [all]);
    assert.throws(() => checkRoom([gpu('a', 80), gpu('b', 39)], [all]), full);
  });

  it('is looked for where the map takes them', () => {
    const use = { devices: ['a', 'b'], memoryOn: ['b'], bytes: 80 };
    const moved = { ...use, ...movedBy(use, { a: 'd', b: 'c' }) };
    checkRoom([gpu('c', 80), gpu('d', 0)], [moved]);
    assert.throws(() => checkRoom([gpu('c', 0), gpu('d', 80)], [moved]), full);
  });
});
