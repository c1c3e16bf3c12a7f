// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { GritError } from '@grit/plugin-api';
import fc from 'fast-check';
import type { StepRecord } from '../../src/catalog/catalog.js';
import { stopRequest, TestCatalog } from './test-catalog.js';

const SEED = Number(process.env['GRIT_SEED'] ?? 1);
const failure = new GritError('GRIT_DUMP_FAILED', 'no').toJSON();

describe('steps of the catalog', () => {
  let test: TestCatalog;
  beforeEach(() => void (test = new TestCatalog()));
  afterEach(() => test.remove());

  it('hands a step out once, and anew only to who takes over', () => {
    const { catalog } = test;
    const { id } = catalog.createOperation(stopRequest());
    const first = catalog.startStep(id, { name: 'dump', node: 'n', input: { a: [1, null] } });
    assert.deepEqual(first.input, { a: [1, null] });
    assert.deepEqual(catalog.startStep(id, { name: 'dump', node: 'n', input: 'other' }), first);
    const second = catalog.startStep(id, { name: 'dump', node: 'n', input: first.input, takeOver: true });
    assert.equal(second.attempt, 2);
    assert.notEqual(second.token, first.token);
    assert.throws(() => catalog.claimStep(id, 'dump', first.token), { code: 'GRIT_STEP_FENCED' });
    assert.throws(() => catalog.progressStep(id, 'dump', first.token, { phase: 'dump', doneBytes: 1 }), {
      code: 'GRIT_STEP_FENCED',
    });
    assert.throws(() => catalog.finishStep(id, 'dump', first.token, { output: 1 }), { code: 'GRIT_STEP_FENCED' });
    assert.deepEqual(catalog.claimStep(id, 'dump', second.token), second);
    const done = catalog.finishStep(id, 'dump', second.token, { error: failure });
    assert.deepEqual(done.error, failure);
    assert.deepEqual(catalog.finishStep(id, 'dump', second.token, { output: 'late' }), done);
    assert.deepEqual(catalog.startStep(id, { name: 'dump', input: null, takeOver: true }), done);
    assert.throws(() => catalog.claimStep(id, 'dump', second.token), { code: 'GRIT_STEP_FENCED' });
    assert.throws(() => catalog.claimStep(id, 'none', 'x'), { code: 'GRIT_STEP_FENCED' });
  });

  it('lists the running steps of a node', () => {
    const { catalog } = test;
    const { id } = catalog.createOperation(stopRequest());
    const a = catalog.startStep(id, { name: 'a', node: 'n', input: null });
    catalog.startStep(id, { name: 'b', node: 'm', input: null });
    const c = catalog.startStep(id, { name: 'c', node: 'n', input: null });
    assert.deepEqual(catalog.runningSteps('n'), [a, c]);
    catalog.finishStep(id, 'a', a.token, { output: null });
    const names = (steps: readonly { name: string }[]): string[] => steps.map((step) => step.name);
    assert.deepEqual(names(test.reopen().runningSteps('n')), ['c']);
    assert.deepEqual(names(test.catalog.getOperation(id).steps), ['a', 'b', 'c']);
  });

  it('writes progress at most once a second, and what it wrote outlives a crash', () => {
    const { id } = test.catalog.createOperation(stopRequest());
    const { token } = test.catalog.startStep(id, { name: 'dump', node: 'n', input: null });
    const now = Date.now;
    // A clock of its own: that of the machine would go on in between.
    const start = now();
    try {
      for (let tick = 0; tick <= 15; tick += 1) {
        Date.now = () => start + tick * 100;
        test.catalog.progressStep(id, 'dump', token, { phase: 'dump', doneBytes: tick });
      }
    } finally {
      Date.now = now;
    }
    assert.equal(test.catalog.getStep(id, 'dump')?.progress?.doneBytes, 15);
    assert.equal(test.reopen().getStep(id, 'dump')?.progress?.doneBytes, 10);
  });

  it('lets only the newest token act, in whatever order attempts come', () => {
    interface Model {
      newest: StepRecord | undefined;
      finished: string | undefined;
    }
    const action = fc.oneof(
      fc.record({ do: fc.constant('start' as const), takeOver: fc.boolean() }),
      fc.record({ do: fc.constantFrom('claim' as const, 'progress' as const), attempt: fc.nat(4) }),
      fc.record({ do: fc.constant('finish' as const), attempt: fc.nat(4), fails: fc.boolean() }),
      fc.record({ do: fc.constant('reopen' as const) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 25 }), (actions) => {
        const { id } = test.catalog.createOperation(stopRequest());
        const model: Model = { newest: undefined, finished: undefined };
        const tokens: string[] = ['never-given'];
        const may = (token: string): boolean => token === model.newest?.token && model.finished === undefined;
        for (const step of actions) {
          const token = 'attempt' in step ? (tokens.at(-1 - step.attempt) ?? 'never-given') : '';
          const { catalog } = test;
          if (step.do === 'start') {
            const record = catalog.startStep(id, { name: 's', node: 'n', input: 1, takeOver: step.takeOver });
            const anew = model.newest === undefined || (step.takeOver && model.finished === undefined);
            if (anew) {
              assert.ok(!tokens.includes(record.token));
              assert.equal(record.attempt, (model.newest?.attempt ?? 0) + 1);
              tokens.push(record.token);
              model.newest = record;
            } else assert.equal(record.token, model.newest?.token);
          } else if (step.do === 'claim') {
            check(may(token), () => catalog.claimStep(id, 's', token));
          } else if (step.do === 'progress') {
            check(may(token), () => catalog.progressStep(id, 's', token, { phase: 'p', doneBytes: 1 }));
          } else if (step.do === 'finish') {
            const repeated = token === model.newest?.token && model.finished !== undefined;
            const result = step.fails ? { error: failure } : { output: step.attempt };
            check(may(token) || repeated, () => {
              const record = catalog.finishStep(id, 's', token, result);
              model.finished ??= JSON.stringify(record);
              assert.equal(JSON.stringify(record), model.finished);
            });
          } else test.reopen();
        }
        const stored = test.catalog.getStep(id, 's');
        if (model.finished !== undefined) assert.equal(JSON.stringify(stored), model.finished);
        else assert.equal(stored?.token, model.newest?.token);
        test.catalog.endOperation(id, { phase: 'Succeeded', outcome: 'Unchanged', timings: [] });
      }),
      { numRuns: 60, seed: SEED },
    );
  });
});

function check(allowed: boolean, act: () => unknown): void {
  if (allowed) act();
  else assert.throws(act, { code: 'GRIT_STEP_FENCED' });
}
