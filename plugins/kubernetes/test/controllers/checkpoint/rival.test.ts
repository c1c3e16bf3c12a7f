// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import type { Checkpoint, CheckpointStatus } from '../../../src/api/checkpoint.js';
import type { Step, StepReport } from '../../../src/api/step.js';
import { isActive, rivalOf } from '../../../src/controllers/checkpoint/rival.js';
import { someInformers } from './some-informers.js';

const SEED = Number(process.env['GRIT_SEED'] ?? 20_261_128);

const AT = '2026-11-28T04:00:00Z';

function checkpoint(name: string, second: number, status: CheckpointStatus = {}): Checkpoint {
  return {
    metadata: {
      name,
      namespace: 'n',
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: `2026-11-28T04:00:0${second}Z`,
    },
    spec: { podName: 'p' },
    status,
  };
}

function step(name: Step['name'], report?: StepReport['phase']): CheckpointStatus {
  return {
    podUID: 'pod',
    podName: 'p',
    step: { name, node: 'a', token: 't', attempt: 1, orderedAt: AT },
    ...(report === undefined ? {} : { report: { token: 't', phase: report, startedAt: AT } }),
  };
}

/** The rivals of each, by name. */
function rivals(...all: Checkpoint[]): Record<string, string | undefined> {
  const informers = someInformers();
  for (const one of all) informers.checkpoints.stored(one);
  return Object.fromEntries(all.map((one) => [one.metadata.name, rivalOf(informers, one, 'pod')]));
}

describe('of two Checkpoints of a pod', () => {
  it('the older goes first', () => {
    deepEqual(rivals(checkpoint('a', 1), checkpoint('b', 2)), { a: undefined, b: 'a' });
  });

  it('the one at work goes first, however young', () => {
    deepEqual(rivals(checkpoint('a', 1), checkpoint('b', 2, step('checkpoint'))), { a: 'b', b: undefined });
  });

  it('the one that tries again goes before the older that has not begun', () => {
    deepEqual(rivals(checkpoint('a', 1), checkpoint('b', 2, step('abort', 'Succeeded'))), { a: 'b', b: undefined });
  });

  it('the one at work goes before the one that tries again', () => {
    const resting = checkpoint('a', 1, step('abort', 'Succeeded'));
    deepEqual(rivals(resting, checkpoint('b', 2, step('checkpoint', 'Running'))), { a: 'b', b: undefined });
  });

  it('the one that has ended, or waits to be mended, is in nobody’s way', () => {
    const ended = checkpoint('a', 1, { ...step('checkpoint', 'Succeeded'), phase: 'Checkpointed', finishedAt: AT });
    const refused = checkpoint('b', 2, { phase: 'Failed' });
    deepEqual(rivals(ended, refused, checkpoint('c', 3))['c'], undefined);
  });

  it('of another pod of that name, neither waits', () => {
    const other = checkpoint('a', 1, { ...step('checkpoint'), podUID: 'another' });
    equal(rivals(other, checkpoint('b', 2))['b'], undefined);
  });

  it('never do two wait for each other, and whoever is at work is waited for', () => {
    const status = fc.oneof(
      fc.constant<CheckpointStatus>({}),
      fc.constant<CheckpointStatus>({ phase: 'Failed' }),
      fc.constant<CheckpointStatus>({ ...step('checkpoint'), finishedAt: AT }),
      fc
        .tuple(
          fc.constantFrom<Step['name']>('checkpoint', 'abort', 'release'),
          fc.constantFrom<StepReport['phase'] | undefined>(undefined, 'Running', 'Succeeded', 'Failed'),
        )
        .map(([name, report]) => step(name, report)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(status, fc.nat({ max: 3 })), { minLength: 2, maxLength: 5 }), (some) => {
        const all = some.map(([one, second], index) => checkpoint(`c${index}`, second, one));
        const of = rivals(...all);
        const active = all.filter(isActive);
        const free = active.filter(({ metadata }) => of[metadata.name] === undefined);
        equal(free.length, active.length === 0 ? 0 : 1, JSON.stringify(of));
        const busy = active.filter(({ status: is }) => is?.step?.name === 'checkpoint');
        ok(busy.length === 0 || free[0]?.status?.step !== undefined);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});
