// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { SharedProbes } from '../../../src/controllers/admission/shared-probes.js';

describe('SharedProbes', () => {
  /** Questions that are answered when the test says so. */
  function questions() {
    const open: PromiseWithResolvers<boolean>[] = [];
    const ask = (): Promise<boolean> => {
      const question = Promise.withResolvers<boolean>();
      open.push(question);
      return question.promise;
    };
    return { open, ask };
  }

  it('asks once for all who ask meanwhile, and anew afterwards', async () => {
    const probes = new SharedProbes();
    const { open, ask } = questions();
    const answers = [probes.ask('a', ask), probes.ask('a', ask), probes.ask('b', ask)];
    assert.equal(open.length, 2);
    open[0]?.resolve(true);
    open[1]?.resolve(false);
    assert.deepEqual(await Promise.all(answers), [true, true, false]);
    const again = probes.ask('a', ask);
    assert.equal(open.length, 3);
    open[2]?.resolve(false);
    assert.equal(await again, false);
  });

  it('gives nobody an answer from before its namespace was let go', async () => {
    const probes = new SharedProbes();
    const { open, ask } = questions();
    const early = probes.ask('a', ask);
    probes.keepOnly(['a']);
    const shared = probes.ask('a', ask);
    probes.keepOnly([]);
    const late = probes.ask('a', ask);
    assert.equal(open.length, 2);
    open[0]?.resolve(true);
    open[1]?.resolve(false);
    assert.deepEqual(await Promise.all([early, shared, late]), [true, true, false]);
  });

  it('remembers no failure', async () => {
    const probes = new SharedProbes();
    await assert.rejects(
      probes.ask('a', () => Promise.reject(new Error('away'))),
      /away/,
    );
    assert.equal(await probes.ask('a', () => Promise.resolve(true)), true);
  });
});
