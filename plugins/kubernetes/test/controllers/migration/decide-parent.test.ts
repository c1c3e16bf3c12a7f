// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Pod } from '../../../src/api/core-kinds.js';
import { migrationStatusSchema, type Migration, type MigrationPhase } from '../../../src/api/migration.js';
import { childNameOf, childOf, parentUidOf } from '../../../src/controllers/migration/child-of.js';
import { decideParent, turnsOf } from '../../../src/controllers/migration/decide-parent.js';
import { jobPod } from '../../pods/some-pods.js';
import { NOW, someMigration } from './some-migrations.js';

const SEED = Number(process.env['GRIT_SEED'] ?? 5);
const PHASES = ['Pending', 'Checkpointing', 'Restoring', 'Succeeded', 'ReturnedToSource', 'Failed'] as const;

function parent(status: Migration['status'] & object = {}, parallelism = 2): Migration {
  const { podName: _none, ...spec } = someMigration({ selector: { matchLabels: { app: 'train' } }, parallelism }).spec;
  return { ...someMigration({}, status), spec };
}

const pods = (count: number): Pod[] =>
  Array.from({ length: count }, (_, index) => jobPod({ metadata: { name: `train-${index}`, uid: `uid-${index}` } }));

function child(pod: Pod, phase?: MigrationPhase): Migration {
  const begun = phase === undefined ? {} : { phase, checkpointName: 'c' };
  return { ...childOf(parent(), pod), status: begun };
}

describe('a Migration of several pods', () => {
  it('makes all children before the first begins', () => {
    const three = pods(3);
    const first = decideParent({ migration: parent(), pods: three, children: [], now: NOW });
    assert.deepEqual([first.make.length, first.wake.length, first.status.pods], [3, 0, undefined]);
    const rest = decideParent({ migration: parent(), pods: three, children: [child(three[0]!)], now: NOW });
    assert.deepEqual([rest.make.map(({ metadata }) => metadata.name), rest.wake], [['train-1', 'train-2'], []]);
    const begun = decideParent({
      migration: parent(),
      pods: three,
      children: three.map((pod) => child(pod)),
      now: NOW,
    });
    assert.deepEqual([begun.make.length, begun.wake.length, begun.status.pods?.total], [0, 2, 3]);
  });

  it('does not choose again once it has chosen: successors have the same labels', () => {
    const children = pods(2).map((pod) => child(pod, 'Succeeded'));
    const counts = { total: 2, succeeded: 1, failed: 0, active: 1 };
    const decision = decideParent({ migration: parent({ pods: counts }), pods: pods(5), children, now: NOW });
    assert.deepEqual([decision.make, decision.status.phase], [[], 'Succeeded']);
  });

  it('says when no pod has the labels', () => {
    const { status } = decideParent({ migration: parent(), pods: [], children: [], now: NOW });
    assert.equal(status.phase, 'Failed');
    assert.match(status.conditions?.find(({ type }) => type === 'Succeeded')?.message ?? '', /app=train/);
  });

  it('children have names that fit, the same for the same pod, and belong to it', () => {
    const [pod] = pods(1);
    const name = childNameOf(parent(), pod!);
    assert.equal(name, 'move-train-0');
    assert.equal(parentUidOf(childOf(parent(), pod!)), 'migration-uid');
    const long = jobPod({ metadata: { name: 'x'.repeat(200), uid: 'long' } });
    assert.equal(childNameOf(parent(), long).length, 63);
    assert.equal(childNameOf(parent(), long), childNameOf(parent(), long));
    assert.equal(childOf(parent(), pod!).spec.selector, undefined);
  });

  it('counts so that the sum is right, and never lets more than parallelism begin', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.constantFrom(...PHASES), { nil: undefined }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 8 }),
        (phases, parallelism) => {
          const children = pods(phases.length).map((pod, index) => child(pod, phases[index]));
          const total = phases.length;
          const migration = parent({ pods: { total, succeeded: 0, failed: 0, active: total } }, parallelism);
          const { status, wake } = decideParent({ migration, pods: [], children, now: NOW });
          migrationStatusSchema.parse(status);
          const counted = status.pods!;
          assert.equal(counted.succeeded + counted.failed + counted.active, counted.total);
          const running = phases.filter(
            (phase) => phase === 'Pending' || phase === 'Checkpointing' || phase === 'Restoring',
          );
          assert.ok(wake.length <= Math.max(0, parallelism - running.length));
          assert.equal(
            turnsOf(migration, children).length,
            Math.max(running.length, Math.min(counted.active, parallelism)),
          );
          const over = counted.active === 0;
          assert.equal(over, ['Succeeded', 'Partial', 'ReturnedToSource', 'Failed'].includes(status.phase ?? ''));
        },
      ),
      { seed: SEED, numRuns: 500 },
    );
  });
});
