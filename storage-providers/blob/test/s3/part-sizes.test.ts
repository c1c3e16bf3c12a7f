// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {
  LARGEST_SINGLE,
  MIB,
  partsAtOnce,
  S3_LIMITS,
  sourcePartSize,
  streamPartSize,
} from '../../src/s3/part-sizes.js';

describe('s3: sizes of parts', () => {
  it('of a stream hold the largest object, within the limits, and begin small', () => {
    let size = 0;
    for (let number = 1; number <= S3_LIMITS.parts; number++) {
      const part = streamPartSize(number);
      assert.ok(part >= S3_LIMITS.smallestPart && part <= S3_LIMITS.largestPart);
      size += part;
    }
    assert.ok(size >= S3_LIMITS.largestObject);
    assert.equal(streamPartSize(1), 5 * MIB);
    // 4 GiB are sent before parts grow.
    assert.equal(streamPartSize(900), 5 * MIB);
  });

  it('of a source are few enough, and large enough', () => {
    for (const size of [LARGEST_SINGLE + 1, 1024 * MIB, 700_000 * MIB, S3_LIMITS.largestObject]) {
      const part = sourcePartSize(size);
      assert.ok(Math.ceil(size / part) <= S3_LIMITS.parts);
      assert.ok(part >= S3_LIMITS.smallestPart && part <= S3_LIMITS.largestPart);
    }
  });

  it('that are on their way take bounded memory', () => {
    for (const size of [5 * MIB, 10 * MIB]) assert.ok(size * partsAtOnce(size) <= 10 * MIB);
    assert.equal(partsAtOnce(5 * MIB), 2);
    assert.equal(partsAtOnce(1024 * MIB), 1);
  });
});
