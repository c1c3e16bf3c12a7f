// SPDX-License-Identifier: Apache-2.0
import { equal, notEqual } from 'node:assert/strict';
import type { StepReport } from '../../src/api/step.js';
import { isUnfinished, nextStep, reportOf } from '../../src/steps/order-step.js';

const NOW = new Date('2026-11-28T04:00:00Z');
const WANT = { name: 'checkpoint', node: 'a', hold: true } as const;

function report(token: string, phase: StepReport['phase']): StepReport {
  return { token, phase, startedAt: NOW.toISOString() };
}

describe('an order', () => {
  it('stays while the same is wanted and it has no answer', () => {
    const step = nextStep(undefined, WANT, NOW);
    equal(nextStep(step, WANT, new Date(0)), step);
    equal(nextStep(step, WANT, NOW, report(step.token, 'Running')), step);
    // The last word on an older order says nothing about this one.
    equal(nextStep(step, WANT, NOW, report('older', 'Failed')), step);
  });

  it('is another one, and another attempt, after the last word', () => {
    const step = nextStep(undefined, WANT, NOW);
    const again = nextStep(step, WANT, NOW, report(step.token, 'Failed'));
    notEqual(again.token, step.token);
    equal(again.attempt, 2);
  });

  for (const [what, want] of Object.entries({
    'another node': { ...WANT, node: 'b' },
    'another claim pod': { ...WANT, claimPodUid: 'u' },
    'no hold': { ...WANT, hold: false },
    'another step': { name: 'abort', node: 'a' } as const,
  })) {
    it(`is another one for ${what}`, () => {
      const step = nextStep(undefined, WANT, NOW);
      const other = nextStep(step, want, NOW);
      notEqual(other.token, step.token);
      equal(other.attempt, want.name === 'abort' ? 1 : 2);
    });
  }

  it('is answered only under its own token', () => {
    const step = nextStep(undefined, WANT, NOW);
    equal(reportOf({ step, report: report('older', 'Succeeded') }), undefined);
    equal(isUnfinished({ step, report: report('older', 'Succeeded') }), true);
    equal(isUnfinished({ step, report: report(step.token, 'Succeeded') }), false);
    equal(isUnfinished({}), false);
  });
});
