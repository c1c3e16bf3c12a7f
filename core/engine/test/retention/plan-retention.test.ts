// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ObjectCounts } from '../../src/retention/object-counts.js';
import { planRetention, type RetainedCheckpoint, type RetentionDecision } from '../../src/retention/plan-retention.js';
import type { RetentionPolicy } from '../../src/retention/retention-policy.js';

const SEED = Number(process.env.GRIT_SEED ?? 20_261_128);
const RUNS = Number(process.env.GRIT_RETENTION_RUNS ?? 2_000);
const NOW = 1_000_000;
const NOBODY: ReadonlyMap<string, string> = new Map();

function checkpoint(id: string, more: Partial<RetainedCheckpoint> = {}): RetainedCheckpoint {
  return { id, workload: 'train', phase: 'Ready', createdAt: NOW, pinned: false, ...more };
}

/** `ID reason` of those that go. */
function leaving(decisions: readonly RetentionDecision[]): string[] {
  return decisions.filter(({ verdict }) => verdict === 'delete').map(({ id, reason }) => `${id} ${reason}`);
}

describe('retention plan', () => {
  it('ttl: what is older goes, but never the last good one of a workload', () => {
    const all = [
      checkpoint('a', { createdAt: NOW - 101 }),
      checkpoint('b', { createdAt: NOW - 100 }),
      checkpoint('c', { createdAt: NOW - 500, workload: 'other' }),
      checkpoint('d', { createdAt: NOW - 500, phase: 'Failed' }),
    ];
    assert.deepEqual(leaving(planRetention(all, { ttlMs: 100 }, NOW, NOBODY)), ['a ttl', 'd ttl']);
    assert.deepEqual(leaving(planRetention(all, { ttlMs: 10 }, NOW, NOBODY)), ['a ttl', 'd ttl']);
    assert.deepEqual(leaving(planRetention(all, {}, NOW, NOBODY)), []);
  });

  it('a ttl of its own counts in the place of the policy', () => {
    const all = [
      checkpoint('short', { createdAt: NOW - 50, ttlMs: 10 }),
      checkpoint('long', { createdAt: NOW - 500, ttlMs: 1_000 }),
      checkpoint('new'),
    ];
    assert.deepEqual(leaving(planRetention(all, { ttlMs: 100 }, NOW, NOBODY)), ['short ttl']);
  });

  it('keepLast counts the good ones of each workload; those that stay for another reason count as well', () => {
    const all = [1, 2, 3, 4].flatMap((at) => [
      checkpoint(`t${at}`, { createdAt: at, pinned: at === 1 }),
      checkpoint(`o${at}`, { createdAt: at, workload: 'other', phase: at === 4 ? 'Failed' : 'Ready' }),
    ]);
    const plan = planRetention(all, { keepLast: 2 }, NOW, new Map([['o1', 'restore op-1']]));
    assert.deepEqual(leaving(plan), ['t2 keep-last']);
    assert.deepEqual(
      plan.find(({ id }) => id === 'o1'),
      { id: 'o1', verdict: 'keep', reason: 'in-use', by: 'restore op-1' },
    );
    assert.equal(plan.find(({ id }) => id === 't1')?.reason, 'pinned');
    assert.equal(plan.find(({ id }) => id === 't4')?.reason, 'last-good');
  });

  it('maxBytes takes the oldest until the rest fits, and none whose objects others have', () => {
    const all = [
      checkpoint('a', { createdAt: 1, objects: [{ key: 'p1', size: 60 }] }),
      checkpoint('b', { createdAt: 2, objects: [{ key: 'p2', size: 60 }] }),
      checkpoint('c', { createdAt: 3, objects: [{ key: 'p1', size: 60 }] }),
    ];
    // `a` frees nothing: `c` has its pack.
    assert.deepEqual(leaving(planRetention(all, { maxBytes: 100 }, NOW, NOBODY)), ['b max-bytes']);
    assert.deepEqual(leaving(planRetention(all, { maxBytes: 120 }, NOW, NOBODY)), []);
  });

  it('images that the catalog does not know take room and stay', () => {
    const all = [
      checkpoint('foreign', { phase: undefined, createdAt: 0, objects: [{ key: 'f', size: 90 }] }),
      checkpoint('a', { createdAt: 1, objects: [{ key: 'a', size: 20 }] }),
      checkpoint('b', { createdAt: 2, objects: [{ key: 'b', size: 20 }] }),
    ];
    const plan = planRetention(all, { maxBytes: 100 }, NOW, NOBODY);
    assert.deepEqual(leaving(plan), ['a max-bytes']);
    assert.equal(plan[0]?.reason, 'not-in-catalog');
  });

  it('goes on with a delete that was begun', () => {
    const all = [checkpoint('a', { phase: 'Deleting' }), checkpoint('b')];
    assert.deepEqual(leaving(planRetention(all, { ttlMs: 1_000 }, NOW, NOBODY)), ['a deleting']);
  });

  describe(`whatever there is (seed ${SEED})`, () => {
    const objects = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 5 });
    const one = fc.record({
      workload: fc.constantFrom('train', 'serve', 'other'),
      phase: fc.constantFrom('Ready', 'Ready', 'Ready', 'Failed', 'Creating', 'Deleting', undefined),
      createdAt: fc.integer({ min: NOW - 100, max: NOW }),
      pinned: fc.boolean(),
      ttlMs: fc.option(fc.integer({ min: 1, max: 120 }), { nil: undefined }),
      // The size of an object follows from its name.
      objects: objects.map((keys) => keys.map((key) => ({ key: `p${key}`, size: 10 + key }))),
    });
    const many = fc
      .array(one, { maxLength: 14 })
      .map((list): RetainedCheckpoint[] => list.map((entry, at) => ({ id: `c${at}`, ...entry })));
    const policies: fc.Arbitrary<RetentionPolicy> = fc.record(
      {
        ttlMs: fc.integer({ min: 1, max: 120 }),
        keepLast: fc.integer({ min: 1, max: 4 }),
        maxBytes: fc.integer({ min: 0, max: 150 }),
      },
      { requiredKeys: [] },
    );
    const used = fc
      .array(fc.integer({ min: 0, max: 13 }), { maxLength: 3 })
      .map((list) => new Map(list.map((at) => [`c${at}`, 'restore op-1'])));

    const property = (
      check: (
        all: readonly RetainedCheckpoint[],
        policy: RetentionPolicy,
        inUse: ReadonlyMap<string, string>,
        gone: ReadonlySet<string>,
        plan: readonly RetentionDecision[],
      ) => void,
    ): void =>
      fc.assert(
        fc.property(many, policies, used, (all, policy, inUse) => {
          const plan = planRetention(all, policy, NOW, inUse);
          const gone = new Set(plan.filter(({ verdict }) => verdict === 'delete').map(({ id }) => id));
          check(all, policy, inUse, gone, plan);
        }),
        { seed: SEED, numRuns: RUNS },
      );

    it('decides on each once, in their order, and does the same again', () => {
      property((all, policy, inUse, _gone, plan) => {
        assert.deepEqual(
          plan.map(({ id }) => id),
          all.map(({ id }) => id),
        );
        assert.deepEqual(planRetention(all, policy, NOW, inUse), plan);
      });
    });

    it('what is pinned, in use, being made or not in the catalog stays', () => {
      property((all, _policy, inUse, gone) => {
        for (const { id, phase, pinned } of all) {
          if (pinned || inUse.has(id) || phase === 'Creating' || phase === undefined) assert.ok(!gone.has(id), id);
        }
      });
    });

    it('a workload that had a good one has its newest good one still', () => {
      property((all, _policy, _inUse, gone) => {
        for (const workload of ['train', 'serve', 'other']) {
          const good = all.filter((each) => each.workload === workload && each.phase === 'Ready');
          const newest = Math.max(...good.map(({ createdAt }) => createdAt));
          if (good.length === 0) continue;
          assert.ok(good.some(({ id, createdAt }) => createdAt === newest && !gone.has(id)));
        }
      });
    });

    it('each that goes has a true reason', () => {
      property((all, policy, _inUse, _gone, plan) => {
        for (const [at, { verdict, reason }] of plan.entries()) {
          const { workload, createdAt, ttlMs = policy.ttlMs, phase } = all[at]!;
          if (verdict === 'keep') continue;
          const newer = all.filter(
            (other) => other.workload === workload && other.phase === 'Ready' && other.createdAt >= createdAt,
          );
          if (reason === 'ttl') assert.ok(NOW - createdAt > ttlMs!);
          else if (reason === 'keep-last') assert.ok(newer.length > policy.keepLast!);
          else if (reason === 'deleting') assert.equal(phase, 'Deleting');
          else assert.ok(policy.maxBytes !== undefined);
        }
      });
    });

    it('what is too old or too many goes unless it is kept for a reason', () => {
      property((all, policy, _inUse, _gone, plan) => {
        for (const [at, { reason }] of plan.entries()) {
          const { createdAt, ttlMs = policy.ttlMs } = all[at]!;
          if (reason === 'policy') assert.ok(NOW - createdAt <= (ttlMs ?? Infinity));
        }
        for (const workload of ['train', 'serve', 'other']) {
          const left = plan.filter(
            ({ reason }, at) => reason === 'policy' && all[at]!.workload === workload && all[at]!.phase === 'Ready',
          );
          assert.ok(left.length <= (policy.keepLast ?? Infinity));
        }
      });
    });

    it('the rest fits, or nothing more may go; and nothing went that freed nothing', () => {
      property((all, policy, _inUse, gone, plan) => {
        if (policy.maxBytes === undefined) return;
        const rest = new ObjectCounts();
        for (const { id, objects: own } of all) if (!gone.has(id)) rest.add(own!);
        for (const [at, { reason }] of plan.entries()) {
          const own = all[at]!.objects!;
          if (reason === 'max-bytes') assert.ok(rest.cost(own) > 0);
          // What stays by the policy alone, while there is too much, would free nothing.
          if (reason !== 'policy' || rest.bytes <= policy.maxBytes) continue;
          assert.equal(
            rest.shared(own),
            own.reduce((sum, { size }) => sum + size, 0),
          );
        }
      });
    });
  });
});
