// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal, ok } from 'node:assert/strict';
import { checkpointStatusSchema } from '../../../src/api/checkpoint.js';
import { clip, clipped } from '../../../src/controllers/checkpoint/status-error.js';
import { CheckpointWorld } from './checkpoint-world.js';

describe('the error of a status', () => {
  it('is no longer than the schema has it, and never ends in half a character', () => {
    equal(clip('abc', 3), 'abc');
    equal(clip('abcd', 3), 'ab…');
    equal(clip('a😀cd', 3), 'a…');
    const error = clipped({ code: 'X', message: 'm'.repeat(5_000), hint: 'h'.repeat(5_000), retryable: false });
    deepEqual([error.message.length, error.hint.length], [4096, 2048]);
  });

  it('can be written, however long the words of those who are against an eviction are', () => {
    const w = new CheckpointWorld({ podName: 'p', autoMigration: true, timeouts: { stop: '1m' } });
    w.words = 'budget '.repeat(10_000);
    w.budget = false;
    w.round();
    w.answer('Succeeded');
    w.round();
    checkpointStatusSchema.parse(w.status);
    w.now += 60_000;
    w.round();
    equal(w.status.error?.code, 'GRIT_EVICTION_BLOCKED');
    checkpointStatusSchema.parse(w.status);
    w.answer('Succeeded');
    w.round();
    checkpointStatusSchema.parse(w.status);
    ok(w.status.finishedAt);
  });
});
