// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { restoreStatusSchema } from '../../../src/api/restore.js';
import { HAPPENINGS, RestoreWorld } from './restore-world.js';

const SEED = Number(process.env['GRIT_SEED'] ?? 5);
const RUNS = Number(process.env['GRIT_RUNS'] ?? 2_000);

describe('a Restore, whatever happens', function () {
  this.timeout(120_000);

  it('never has two pods go on, never orders while the source runs, never starts fresh unasked, and comes to rest', () => {
    const spec = fc.record({
      fallback: fc.constantFrom('none' as const, 'fresh' as const),
      retries: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(spec, fc.array(fc.constantFrom(...HAPPENINGS), { maxLength: 60 }), (wanted, happenings) => {
        const world = new RestoreWorld(wanted);
        for (const happening of happenings) {
          world.happens(happening);
          const { status = {} } = world.restore;
          restoreStatusSchema.parse(status);
          if (status.phase === 'Restored' || status.phase === 'ColdStarted') assert.equal(world.restored.length, 1);
        }
        assert.deepEqual(world.broken, []);
        assert.ok(world.restored.length <= 1, world.restored.join(', '));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('ends Restored when all goes well from some moment on', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...HAPPENINGS), { maxLength: 40 }), (happenings) => {
        const world = new RestoreWorld({ fallback: 'none', retries: 3 });
        for (const happening of happenings) world.happens(happening);
        for (const happening of ['agent-back', 'source-goes', 'source-goes', 'retry'] as const)
          world.happens(happening);
        for (let round = 0; round < 12; round++) {
          for (const happening of [
            'minute',
            'decide',
            'store-pod',
            'admit',
            'store-pod',
            'decide',
            'schedule',
          ] as const) {
            world.happens(happening);
          }
          for (const happening of ['decide', 'agent-restores', 'decide', 'retry', 'decide'] as const) {
            world.happens(happening);
          }
        }
        assert.equal(world.restore.status?.phase, 'Restored', JSON.stringify(world.restore.status));
        assert.equal(world.restored.length, 1);
      }),
      { seed: SEED, numRuns: RUNS / 2 },
    );
  });
});
