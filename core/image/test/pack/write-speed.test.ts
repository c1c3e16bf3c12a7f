// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { WriteSpeed } from '../../src/pack/write-speed.js';

const MEBIBYTE = 1024 * 1024;

describe('WriteSpeed', () => {
  it('calls a disk slow that many writes found slow, and a fast one fast again', () => {
    const speed = new WriteSpeed();
    assert.equal(speed.slow, false);
    speed.add(4 * MEBIBYTE, 8);
    speed.add(4 * MEBIBYTE, 60);
    assert.equal(speed.slow, false, 'one slow write is no slow disk');
    for (let write = 0; write < 20; write++) speed.add(4 * MEBIBYTE, 60);
    assert.equal(speed.slow, true);
    for (let write = 0; write < 20; write++) speed.add(4 * MEBIBYTE, 8);
    assert.equal(speed.slow, false);
  });
});
