// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal, match } from 'node:assert/strict';
import type { Claim, Pod } from '../../src/api/core-kinds.js';
import { KEYS } from '../../src/api/group.js';
import { accessOf, whyClaimUnusable, type ClaimAccess } from '../../src/claims/claim-state.js';

function claim(phase: 'Pending' | 'Bound' | 'Lost', ...accessModes: string[]): Claim {
  return { metadata: { name: 'store' }, spec: { accessModes, volumeName: 'pv-1' }, status: { phase } };
}

function user(name: string, nodeName: string, labels: Record<string, string> = {}): Pod {
  return { metadata: { name, labels }, spec: { nodeName, containers: [] }, status: { phase: 'Running' } };
}

function textOf(access: ClaimAccess | undefined): string {
  if (access === undefined) return 'usable';
  return Object.entries<string>(access)
    .map(([kind, message]) => `${kind}: ${message}`)
    .join();
}

describe('a claim that is to be written to', () => {
  const CASES: readonly [string, Claim | undefined, readonly Pod[], RegExp][] = [
    ['is missing', undefined, [], /^failed: .*does not exist.*spec\.volumeClaim\.claimName/],
    ['has lost its volume', claim('Lost', 'ReadWriteMany'), [], /^failed: .*lost its volume pv-1/],
    ['is not bound', claim('Pending', 'ReadWriteMany'), [], /^waiting: .*WaitForFirstConsumer.*Immediate/],
    ['is shared', claim('Bound', 'ReadWriteMany'), [user('x', 'b')], /^usable$/],
    ['is read only', claim('Bound', 'ReadOnlyMany'), [], /^failed: .*ReadOnlyMany.*Use a claim with ReadWriteMany/],
    ['is RWO and free', claim('Bound', 'ReadWriteOnce'), [], /^usable$/],
    ['is RWO and used on the same node', claim('Bound', 'ReadWriteOnce'), [user('x', 'a')], /^usable$/],
    [
      'is RWO and used elsewhere',
      claim('Bound', 'ReadWriteOnce'),
      [user('x', 'b')],
      /^failed: .*pod x: .*on b, not on a/,
    ],
    [
      'is RWO and used by another operation',
      claim('Bound', 'ReadWriteOnce'),
      [user('x', 'b', { [KEYS.helper]: 'grit-agent' })],
      /^waiting: .*released when that operation ends/,
    ],
    ['is for one pod', claim('Bound', 'ReadWriteOncePod'), [user('x', 'a')], /^failed: .*ReadWriteOncePod/],
    ['is used by our own pod', claim('Bound', 'ReadWriteOncePod'), [user('own', 'a')], /^usable$/],
  ];
  for (const [what, it_, users, expected] of CASES) {
    it(what, () => match(textOf(whyClaimUnusable('store', it_, 'a', users, 'own')), expected));
  }
});

describe('a claim pod', () => {
  const pod = (state?: object, ready = false): Pod => ({
    metadata: { name: 'grit-claim-u', uid: 'pod-uid' },
    spec: { containers: [] },
    status: {
      phase: ready ? 'Running' : 'Pending',
      containerStatuses: [{ name: 'claim', ready, ...(state === undefined ? {} : { state: state as never }) }],
    },
  });

  it('gives access once it is ready', () => {
    deepEqual(accessOf(pod(undefined, true), 'store', []), { ready: 'pod-uid' });
  });

  it('is waited for', () => {
    match(textOf(accessOf(pod({ waiting: { reason: 'ContainerCreating' } }), 'store', [])), /^waiting: /);
  });

  it('whose image is not to be had says where to set another one', () => {
    const state = { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } };
    match(textOf(accessOf(pod(state), 'store', [])), /^failed: .*no such image.*claimPod\.image/);
  });

  it('whose volume is attached elsewhere says so', () => {
    const event = 'Multi-Attach error for volume "pv-1" Volume is already exclusively attached to one node';
    match(textOf(accessOf(pod(), 'store', ['older', event])), /^failed: .*another node.*ReadWriteMany/);
  });

  it('shows the newest warning', () => {
    equal(textOf(accessOf(pod(), 'store', ['a', 'b'])), 'waiting: claim pod grit-claim-u does not start yet: b');
  });
});
