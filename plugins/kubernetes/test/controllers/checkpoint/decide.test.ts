// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import type { CheckpointSpec } from '../../../src/api/checkpoint.js';
import { ownStatusOf } from '../../../src/controllers/checkpoint/write-status.js';
import { findCondition } from '../../../src/kit/conditions.js';
import { isUnfinished } from '../../../src/steps/order-step.js';
import { CheckpointWorld } from './checkpoint-world.js';

const SEED = Number(process.env['GRIT_SEED'] ?? 20_261_128);
const RUNS = Number(process.env['GRIT_RUNS'] ?? 500);
const FAILED = {
  error: { code: 'GRIT_DUMP_FAILED', message: 'no', hint: 'look', retryable: true },
};

function world(spec: CheckpointSpec = {}): CheckpointWorld {
  return new CheckpointWorld({ podName: 'p', ...spec });
}

function why({ status }: CheckpointWorld, type: string): string | undefined {
  const condition = findCondition(status.conditions, type);
  return condition?.status === 'True' ? condition.reason : undefined;
}

/** The node that was told to deletes the image; then the object goes. */
function endDiscard(w: CheckpointWorld): void {
  w.round();
  equal(w.status.step?.name, 'discard');
  w.answer('Succeeded');
  w.round();
  deepEqual([w.gone, w.discarded.length], [true, 1]);
}

describe('a Checkpoint is decided on', () => {
  it('orders in one round when everything is there', () => {
    const w = world();
    w.round();
    deepEqual(w.moves, ['add-finalizer', 'wait']);
    equal(w.status.phase, 'Pending');
    deepEqual([w.status.step?.name, w.status.step?.node, w.status.step?.hold], ['checkpoint', 'a', false]);
    equal(why(w, 'Created'), 'Created');
  });

  it('goes by the phases of the prototype, and is kept for its image at the end', () => {
    const w = world();
    const phases: unknown[] = [];
    const look = (): void => {
      w.round();
      phases.push(w.status.phase);
    };
    look();
    w.answer('Running');
    look();
    w.answer('Succeeded');
    look();
    look();
    deepEqual(phases, ['Pending', 'Checkpointing', 'Checkpointed', 'Checkpointed']);
    deepEqual([w.finalizer, w.status.image?.id, w.status.dataPath], [true, 'image', 'image']);
    ok(w.status.finishedAt);
  });

  it('hands over: Restore, admission, eviction, and Submitted only when the pod is gone', () => {
    const w = world({ autoMigration: true });
    w.round();
    equal(w.status.step?.hold, true);
    w.answer('Succeeded');
    w.moves.length = 0;
    w.round();
    deepEqual(w.moves, ['make-restore', 'prove-admission', 'evict', 'wait']);
    equal(w.status.phase, 'Submitting');
    w.round();
    equal(w.status.phase, 'Submitting');
    w.pod = 'gone';
    w.round();
    equal(w.status.phase, 'Submitted');
  });

  it('leaves a pod alone that no node could go on with, and moves it when one can', () => {
    const w = world({ autoMigration: true, volumeClaim: { claimName: 'images' } });
    w.compatible = false;
    w.round();
    deepEqual([w.status.phase, w.status.step, w.claimPod], ['Failed', undefined, false]);
    deepEqual([why(w, 'Failed'), w.status.error?.code], ['NoCompatibleNode', 'GRIT_RESTORE_INCOMPATIBLE']);
    ok(w.status.error?.message.includes('b: the nodeSelector of the pod asks for disk=ssd'));
    w.compatible = true;
    w.round();
    deepEqual([w.status.phase, w.status.step?.name, why(w, 'Failed')], ['Pending', 'checkpoint', undefined]);
  });

  it('refuses a pod whose hooks would hang or run twice after a restore, before anything is done', () => {
    const w = world({ volumeClaim: { claimName: 'images' } });
    w.containers = [{ name: 'web', lifecycle: { postStart: { exec: {} } } }, { name: 'log' }];
    w.round();
    deepEqual([w.status.phase, w.status.step, w.claimPod], ['Failed', undefined, false]);
    deepEqual([why(w, 'Failed'), w.status.error?.code], ['PostStartHook', 'GRIT_WORKLOAD_UNCHECKPOINTABLE']);
    ok(w.status.error?.message.includes('container web has a postStart hook (exec)'));
  });

  it('asks nothing of other nodes for a pod that goes nowhere', () => {
    for (const afterCheckpoint of ['resume', 'stop'] as const) {
      const w = world({ afterCheckpoint });
      w.compatible = false;
      w.round();
      equal(w.status.step?.name, 'checkpoint');
    }
  });

  it('stops without a Restore when nothing is to go on', () => {
    const w = world({ afterCheckpoint: 'stop' });
    w.round();
    w.answer('Succeeded');
    w.round();
    w.pod = 'gone';
    w.round();
    deepEqual([w.status.phase, why(w, 'Stopped'), w.restore], ['Checkpointed', 'Evicted', false]);
  });

  it('does not evict before the admission is in force', () => {
    const w = world({ autoMigration: true });
    w.inForce = false;
    w.round();
    w.answer('Succeeded');
    w.round();
    ok(!w.moves.includes('evict'));
    equal(why(w, 'Waiting'), 'AdmissionNotInForce');
    w.inForce = true;
    w.round();
    ok(w.moves.includes('evict'));
  });

  it('lets the pod go on when it may not be evicted for too long, and takes the Restore back', () => {
    const w = world({ autoMigration: true, timeouts: { stop: '1m' } });
    w.budget = false;
    w.round();
    w.answer('Succeeded');
    w.round();
    equal(why(w, 'Waiting'), 'EvictionRefused');
    w.now += 60_000;
    w.round();
    deepEqual([w.status.step?.name, w.status.step?.mode, w.restore], ['release', 'resume', false]);
    w.answer('Succeeded');
    w.round();
    deepEqual([w.status.phase, w.status.error?.code, w.frozen], ['Failed', 'GRIT_EVICTION_BLOCKED', false]);
  });

  it('tries three times what may go well, each time undone before', () => {
    const w = world();
    w.round();
    for (const failures of [1, 2, 3]) {
      w.answer('Failed', FAILED);
      w.round();
      equal(w.status.step?.name, 'abort');
      w.answer('Succeeded');
      w.round();
      equal(w.status.failures, failures);
      w.now += 60_000;
      w.round();
    }
    deepEqual([w.status.phase, w.status.error?.code], ['Failed', 'GRIT_DUMP_FAILED']);
  });

  it('begins anew when it is told to after the end', () => {
    const w = world();
    w.pod = 'finished';
    w.round();
    deepEqual([w.status.phase, w.status.error?.code], ['Failed', 'GRIT_POD_FINISHED']);
    w.pod = 'running';
    w.round();
    equal(w.status.phase, 'Failed');
    w.retry = '1';
    w.round();
    deepEqual([w.status.phase, w.status.step?.name, w.status.error], ['Pending', 'checkpoint', undefined]);
  });

  it('moves on by itself once a cause is gone', () => {
    const w = world();
    w.storeReady = false;
    w.round();
    deepEqual([w.status.phase, why(w, 'Failed'), w.status.finishedAt], ['Failed', 'NoDefaultStore', undefined]);
    const before = w.status;
    w.now += 1_000;
    w.round();
    deepEqual(w.status, before, 'a second look writes nothing');
    w.storeReady = true;
    w.round();
    deepEqual([w.status.phase, why(w, 'Failed'), w.status.step?.name], ['Pending', undefined, 'checkpoint']);
  });

  it('waits for its turn without an end, and for the rest no longer than timeouts.pending', () => {
    const w = world();
    w.rival = 'other';
    w.round();
    w.now += 10 * 3_600_000;
    w.round();
    deepEqual([w.status.phase, why(w, 'Waiting')], ['Pending', 'AnotherCheckpoint']);
    w.rival = undefined;
    w.nodeReady = false;
    w.round();
    w.now += 599_000;
    w.round();
    equal(w.status.finishedAt, undefined);
    w.now += 1_000;
    w.round();
    deepEqual([w.status.phase, why(w, 'Failed')], ['Failed', 'PendingTimeout']);
  });

  it('resumes the pod when it is deleted in the middle', () => {
    const w = world({ autoMigration: true });
    w.round();
    w.answer('Running');
    w.round();
    w.deleting = true;
    w.round();
    equal(w.status.step?.name, 'abort');
    equal(w.gone, false);
    w.answer('Succeeded');
    w.round();
    deepEqual([w.gone, w.frozen], [true, false]);
  });

  it('does not wait for a node for ever when it is deleted', () => {
    const w = world();
    w.round();
    w.nodeReady = false;
    w.able = [];
    w.deleting = true;
    w.round();
    w.now += 299_000;
    w.round();
    equal(w.gone, false);
    w.now += 1_000;
    w.round();
    equal(w.gone, true);
  });

  it('keeps the image, and hands nothing over, when somebody else deletes the pod too early', () => {
    const w = world({ autoMigration: true });
    w.round();
    w.answer('Succeeded');
    w.pod = 'gone';
    w.round();
    deepEqual([w.status.phase, w.restore], ['Checkpointed', false]);
    equal(findCondition(w.status.conditions, 'Submitted')?.reason, 'PodGone');
  });

  it('stays while a Restore is to go on from it, also when it is deleted', () => {
    const w = world();
    w.claimPod = true;
    w.round();
    w.answer('Succeeded');
    w.restoring = true;
    w.round();
    w.round();
    deepEqual([w.finalizer, w.claimPod], [true, false]);
    w.deleting = true;
    w.round();
    deepEqual([w.gone, w.finalizer, why(w, 'Waiting')], [false, true, 'RestoreNeedsIt']);
    w.restoring = false;
    endDiscard(w);
  });

  it('that has ended without a Restore is held once there is one', () => {
    const w = world({ volumeClaim: { claimName: 'store' } });
    w.round();
    w.answer('Succeeded');
    w.round();
    w.round();
    equal(w.finalizer, false);
    w.restoring = true;
    w.round();
    equal(w.finalizer, true);
    w.restoring = false;
    w.round();
    equal(w.finalizer, false);
  });

  it('of a move stays for its Restore when it is deleted while the pod is on its way out', () => {
    const w = world({ autoMigration: true });
    w.round();
    w.answer('Succeeded');
    w.round();
    equal(w.pod, 'terminating');
    w.restoring = true;
    w.deleting = true;
    w.round();
    deepEqual([w.gone, w.restore, why(w, 'Waiting')], [false, true, 'RestoreNeedsIt']);
    w.pod = 'gone';
    w.round();
    equal(w.gone, false);
    w.restoring = false;
    endDiscard(w);
  });

  it('goes after ttl', () => {
    const w = world({ ttl: '1h' });
    w.round();
    w.answer('Succeeded');
    w.round();
    w.round();
    w.now += 3_600_000;
    w.round();
    deepEqual([w.deleting, w.gone], [true, false]);
    endDiscard(w);
  });
});

const EVENTS = {
  look: () => undefined,
  later: (w: CheckpointWorld) => (w.now += 30_000),
  'much later': (w: CheckpointWorld) => (w.now += 700_000),
  'agent runs': (w: CheckpointWorld) => w.answer('Running'),
  'agent is done': (w: CheckpointWorld) => w.answer('Succeeded'),
  'agent fails': (w: CheckpointWorld) => w.answer('Failed', FAILED),
  'agent lost the hold': (w: CheckpointWorld) => w.answer('Succeeded', { held: false }),
  'node away': (w: CheckpointWorld) => (w.nodeReady = false),
  'node back': (w: CheckpointWorld) => (w.nodeReady = true),
  'rival comes': (w: CheckpointWorld) => (w.rival = w.status.step === undefined ? 'other' : undefined),
  'rival goes': (w: CheckpointWorld) => (w.rival = undefined),
  'store away': (w: CheckpointWorld) => (w.storeReady = false),
  'store back': (w: CheckpointWorld) => (w.storeReady = true),
  'claim waits': (w: CheckpointWorld) => (w.claim = 'waiting'),
  'claim ready': (w: CheckpointWorld) => (w.claim = 'ready'),
  'not in force': (w: CheckpointWorld) => (w.inForce = false),
  'in force': (w: CheckpointWorld) => (w.inForce = true),
  'budget spent': (w: CheckpointWorld) => (w.budget = false),
  'budget back': (w: CheckpointWorld) => (w.budget = true),
  'the cache of pods stands still': (w: CheckpointWorld) => (w.cached = w.cached ?? w.pod),
  'the cache of pods follows': (w: CheckpointWorld) => (w.cached = undefined),
  'somebody deletes the pod': (w: CheckpointWorld) => {
    if (w.pod === 'running') w.pod = 'terminating';
  },
  'pod goes': (w: CheckpointWorld) => {
    if (w.pod === 'terminating') w.pod = 'gone';
  },
  'pod finishes': (w: CheckpointWorld) => {
    if (w.pod === 'running' && !w.frozen) w.pod = 'finished';
  },
  'a Restore needs it': (w: CheckpointWorld) => (w.restoring = true),
  'no Restore needs it': (w: CheckpointWorld) => (w.restoring = false),
  'the cache of Restores stands still': (w: CheckpointWorld) => (w.unaware = true),
  'the cache of Restores follows': (w: CheckpointWorld) => (w.unaware = false),
  'no node can use the store': (w: CheckpointWorld) => (w.able = []),
  'another node can use the store': (w: CheckpointWorld) => (w.able = ['b']),
  'the store is deleted': (w: CheckpointWorld) => (w.store = undefined),
  'the store retains': (w: CheckpointWorld) => (w.store = { deletionPolicy: 'Retain' }),
  'the store deletes': (w: CheckpointWorld) => (w.store = {}),
  deleted: (w: CheckpointWorld) => (w.deleting = true),
} satisfies Record<string, (w: CheckpointWorld) => unknown>;

const SPECS: readonly CheckpointSpec[] = [
  {},
  { autoMigration: true },
  { afterCheckpoint: 'stop' },
  { volumeClaim: { claimName: 'store' } },
  { autoMigration: true, ttl: '1m' },
];

describe('whatever happens to a Checkpoint', () => {
  const names = Object.keys(EVENTS) as (keyof typeof EVENTS)[];
  // Deletion is the end of most of what can happen: it comes seldom.
  const event = fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...names.filter((name) => name !== 'deleted')) },
    {
      weight: 1,
      arbitrary: fc.constant('deleted' as const),
    },
  );

  it('its phases follow facts, and it never goes back from its end', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SPECS), fc.array(event, { maxLength: 40 }), (spec, events) => {
        const w = world(spec);
        for (const name of events) {
          const before = w.status;
          EVENTS[name](w);
          const hadRival = w.rival !== undefined;
          w.round();
          if (w.gone) return;
          const { status } = w;
          const ordered = status.step?.name === 'checkpoint' && status.step.token !== before.step?.token;
          ok(!(ordered && hadRival), 'ordered while another Checkpoint has the pod');
          ok(!(ordered && (w.cached ?? w.pod) !== 'running'), 'ordered for a pod that does not run');
          // A node that is away for too long is given up; its agent finds the order to undo when it is back.
          const open = status.finishedAt === undefined && isUnfinished(status);
          if (open) ok(w.finalizer, 'an order without the finalizer');
          if (status.phase === 'Submitted')
            ok(w.pod === 'gone' || w.pod === 'finished', 'Submitted before the pod is gone');
          if (status.phase === 'Submitted') ok(w.restore, 'Submitted without a Restore');
          if (status.phase === 'Checkpointed' || status.phase === 'Submitting')
            ok(status.image, 'a phase without an image');
          // The next pod may go on from it for as long as a Restore says so.
          const discards = status.step?.name === 'discard' && status.step.token !== before.step?.token;
          ok(!(discards && status.image !== undefined && w.restoring), 'discarded while a Restore needs it');
          ok(!(discards && spec.volumeClaim !== undefined), "the claim is the user's");
          ok(!(discards && w.store?.deletionPolicy !== undefined), 'discarded although the store retains');
          ok(!discards || w.deleting, 'discarded without being deleted');
          if (before.finishedAt !== undefined && !w.deleting)
            deepEqual(ownStatusOf(status), ownStatusOf(before), 'it changed after its end');
          if (status.finishedAt !== undefined && status.phase !== 'Submitted' && w.pod === 'running') {
            ok(!w.frozen || !w.nodeReady || status.phase === 'Failed', 'ended with the pod frozen');
          }
        }
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('it comes to an end once everything answers', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SPECS), fc.array(event, { maxLength: 40 }), (spec, events) => {
        const w = world(spec);
        for (const name of events) {
          EVENTS[name](w);
          w.round();
        }
        w.rival = undefined;
        w.cached = undefined;
        w.restoring = false;
        w.unaware = false;
        w.able = ['b'];
        w.nodeReady = w.storeReady = w.inForce = w.budget = true;
        w.claim = 'ready';
        for (let rounds = 0; rounds < 30; rounds += 1) {
          w.round();
          w.answer('Succeeded');
          if (w.pod === 'terminating') w.pod = 'gone';
          w.now += 30_000;
        }
        ok(w.gone || w.status.finishedAt !== undefined, `it hangs: ${JSON.stringify(w.status)}`);
        const { image } = w.facts();
        ok(w.gone || w.finalizer === (image.is === 'deleted'), 'the finalizer stays, or is missing');
        ok(w.gone || !w.deleting, `it stays although it was deleted: ${JSON.stringify(w.status)}`);
        if (w.gone && image.is === 'deleted' && w.status.image !== undefined)
          ok(w.discarded.length > 0, 'the image stays');
        ok(!w.claimPod || w.gone, 'the claim pod stays');
        // Only a node that was away and then could not undo leaves it so, and the status says it.
        const told = /may be frozen/.test(
          w.status.error?.message ?? findCondition(w.status.conditions, 'Failed')?.message ?? '',
        );
        ok(!w.frozen || w.pod !== 'running' || told, 'the pod stays frozen');
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
});
