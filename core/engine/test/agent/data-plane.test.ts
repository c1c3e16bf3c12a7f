// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { DEFAULT_LIMITS } from '@grit/image';
import { dataPlaneOf } from '../../src/agent/data-plane.js';

describe('bounds of packing', () => {
  it('are those of the packer by default', () => {
    assert.deepEqual(dataPlaneOf({ memoryMiB: 64 }).limits, DEFAULT_LIMITS);
  });

  it('follow the configuration, and a node says so', () => {
    const { limits, facts } = dataPlaneOf({ threads: 5, memoryMiB: 1024 });
    assert.deepEqual([limits.threads, limits.slabs, limits.indexEntries], [5, 128, 8 * 1024 * 1024]);
    assert.deepEqual([facts['pack threads'], facts['pack memory']], ['5', '1024 MiB']);
    assert.match(facts['hash'] ?? '', /^(blake3|sha256)$/);
    assert.match(facts['addon'] ?? '', /^(in use|none)$/);
  });

  it('leave a packer two buffers at the least', () => {
    assert.equal(dataPlaneOf({ memoryMiB: 16 }).limits.slabs, 2);
  });
});
