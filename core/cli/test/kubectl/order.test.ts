// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { GritError, isGritError } from '@grit/plugin-api';
import { KubeError } from '@grit/plugin-kubernetes';
import { chooseHeld, holdsPod } from '../../src/kubectl/order/choose-held.js';
import { highestNumber, moveNameOf, numbered, selectorMoveBase } from '../../src/kubectl/order/move-name.js';
import { parseSelector } from '../../src/kubectl/order/parse-selector.js';
import { parseLength, parseWhen } from '../../src/kubectl/order/parse-when.js';
import { differences } from '../../src/kubectl/order/same-order.js';
import { whyRefused } from '../../src/kubectl/order/why-refused.js';
import { checkpoint } from './some-objects.js';

const SEED = Number(process.env['GRIT_SEED'] ?? 20_261_128);
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return isGritError(error) ? error.code : String(error);
  }
  return 'nothing';
};

describe('kubectl grit: orders', () => {
  it('a move is named after its pod, so that asking twice moves it once', () => {
    const named = (name: string, uid: string) => moveNameOf({ metadata: { name, uid } });
    assert.equal(named('train-0', 'a'), named('train-0', 'a'));
    assert.notEqual(named('train-0', 'a'), named('train-0', 'b'));
    const label = /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/;
    const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,200}[a-z0-9])?$/);
    fc.assert(
      fc.property(name, fc.uuid(), fc.integer({ min: 1, max: 99_999 }), (base, uid, number) => {
        assert.match(named(base, uid), label);
        assert.match(numbered(selectorMoveBase(uid), number), label);
        assert.equal(highestNumber(base, ['x', numbered(base, 1), numbered(base, number)]), number);
      }),
      { seed: SEED },
    );
  });

  it('numbers of other names do not count', () => {
    assert.equal(highestNumber('train', []), 0);
    assert.equal(highestNumber('train', ['train-2', 'train-0-7', 'train-01', 'trainer-9', 'train']), 2);
  });

  it('one order that is refused is told from a cluster that takes none', () => {
    const said = (message: string, status: number) =>
      whyRefused(new KubeError(`create migrations/a: ${message}`, { status }));
    const denied = 'admission webhook "migrations.grit.dev" denied the request: metadata.namespace: not here';
    assert.equal(said(denied, 403), 'metadata.namespace: not here');
    assert.equal(said(denied, 422), 'metadata.namespace: not here');
    assert.equal(said('migrations.kaito.sh is forbidden: User "a" cannot create resource', 403), undefined);
    assert.equal(said('failed calling webhook "migrations.grit.dev"', 500), undefined);
    assert.equal(said('does not answer', 0), undefined);
    assert.equal(whyRefused(new GritError('GRIT_IDEMPOTENCY_CONFLICT', 'is there already')), 'is there already');
    assert.equal(whyRefused(new TypeError('a bug')), undefined);
  });

  it('selectors are read as kubectl reads them', () => {
    assert.deepEqual(parseSelector('app=train, tier in (a, b),!old,gpu,zone!=x,team notin (c)'), {
      matchLabels: { app: 'train' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['a', 'b'] },
        { key: 'old', operator: 'DoesNotExist' },
        { key: 'gpu', operator: 'Exists' },
        { key: 'zone', operator: 'NotIn', values: ['x'] },
        { key: 'team', operator: 'NotIn', values: ['c'] },
      ],
    });
    assert.deepEqual(parseSelector('example.com/app==x'), { matchLabels: { 'example.com/app': 'x' } });
    for (const wrong of ['', 'a=b=c', 'app=x,', 'app=x,app=y', 'a b', 'tier in a']) {
      assert.equal(
        codeOf(() => parseSelector(wrong)),
        'GRIT_USAGE',
        wrong,
      );
    }
  });

  it('lengths of time and moments', () => {
    const now = new Date('2026-01-01T00:00:00Z');
    assert.equal(parseLength('1h30m', '--timeout', 'migrate'), 5_400_000);
    assert.equal(parseWhen('10m', '--deadline', 'migrate', now), '2026-01-01T00:10:00.000Z');
    assert.equal(parseWhen('2026-01-01T02:00:00+01:00', '--deadline', 'migrate', now), '2026-01-01T01:00:00.000Z');
    for (const wrong of ['', '5', '10', '2025-01-01T00:00:00Z', 'tomorrow']) {
      assert.equal(
        codeOf(() => parseWhen(wrong, '--deadline', 'migrate', now)),
        'GRIT_USAGE',
        wrong,
      );
    }
  });

  it('the same order is known again, whatever defaults the API server has filled in', () => {
    assert.deepEqual(differences({ podName: 'a', fallback: 'none', retries: 3, deadline: 'x' }, { podName: 'a' }), []);
    assert.deepEqual(differences({ podName: 'a', nodeName: 'b' }, { podName: 'a', storage: 's' }), [
      'nodeName',
      'storage',
    ]);
  });

  it('a checkpoint holds its pod from the freeze to the end of it', () => {
    const step = { name: 'checkpoint', node: 'a', token: '1', attempt: 1, orderedAt: 't', hold: true } as const;
    const report = { token: '1', phase: 'Succeeded', startedAt: 't', held: true } as const;
    const held = checkpoint('c', { phase: 'Submitting', podName: 'train', step, report, startedAt: 't' });
    assert.equal(holdsPod(held), true);
    assert.equal(holdsPod(checkpoint('c', { phase: 'Submitted', step, report, finishedAt: 't' })), false);
    assert.equal(holdsPod(checkpoint('c', { phase: 'Pending', step })), false);
    assert.equal(holdsPod(checkpoint('c', { phase: 'Checkpointing', step, startedAt: 't' })), true);
    const ended = checkpoint('old', { phase: 'Checkpointed', podName: 'train', finishedAt: 't' });
    for (const word of ['train', 'pod/train', 'c', 'checkpoint/c']) {
      assert.equal(chooseHeld([ended, held], word, 'default'), held, word);
    }
    assert.equal(
      codeOf(() => chooseHeld([ended], 'train', 'default')),
      'GRIT_HOLD_NOT_FOUND',
    );
    assert.equal(
      codeOf(() => chooseHeld([], 'train', 'default')),
      'GRIT_HOLD_NOT_FOUND',
    );
    const gone = checkpoint('c', { phase: 'Submitted', podName: 'train', finishedAt: 't' });
    assert.equal(
      codeOf(() => chooseHeld([gone], 'train', 'default')),
      'GRIT_POD_GONE',
    );
  });
});
