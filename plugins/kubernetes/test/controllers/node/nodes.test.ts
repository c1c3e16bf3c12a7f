// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Lease } from '../../../src/api/core-kinds.js';
import type { GritNode, GritNodeStatus } from '../../../src/api/grit-node.js';
import { decideNode } from '../../../src/controllers/node/decide-node.js';
import { LeaseObserver } from '../../../src/controllers/node/lease-observer.js';

const lease = (renewTime: string, holderIdentity = 'agent-1'): Lease => ({
  metadata: { name: 'grit-node-a', namespace: 'grit-system' },
  spec: { renewTime, holderIdentity },
});

/** A clock that the test moves. */
class Clock {
  ms = 1_000;
  readonly now = (): number => this.ms;
}

describe('Leases of nodes', () => {
  const clock = new Clock();
  let observer: LeaseObserver;
  const state = () => observer.state('grit-node-a', 40);
  beforeEach(() => {
    observer = new LeaseObserver(clock.now);
  });

  it('live for as long as they are seen to change, whatever time stands in them', () => {
    for (const renewTime of ['2099-01-01T00:00:00Z', '1970-01-01T00:00:00Z', 'no time']) {
      observer.see(lease(renewTime));
      clock.ms += 39_000;
      assert.equal(state()?.alive, true);
    }
    clock.ms += 1_000;
    assert.deepEqual(state(), { alive: false, sure: true, leftMs: 0 });
  });

  it('the same version seen again is no sign of life', () => {
    observer.see(lease('1'));
    clock.ms += 30_000;
    observer.see(lease('1'));
    clock.ms += 10_000;
    assert.equal(state()?.alive, false);
  });

  it('another holder is one', () => {
    observer.see(lease('1'));
    clock.ms += 40_000;
    observer.see(lease('1', 'agent-2'));
    assert.deepEqual(state(), { alive: true, sure: true, leftMs: 40_000 });
  });

  it('at first sight nothing is sure', () => {
    observer.see(lease('1'));
    assert.deepEqual(state(), { alive: true, sure: false, leftMs: 40_000 });
    observer.forget('grit-node-a');
    assert.equal(state(), undefined);
  });
});

describe('the state of a GritNode', () => {
  const alive = { alive: true, sure: true, leftMs: 40_000 };
  const unsure = { ...alive, sure: false };
  const silent = { alive: false, sure: true, leftMs: 0 };
  const nodeOf = (status: GritNodeStatus = {}): GritNode => ({ metadata: { name: 'a' }, status });
  const wasSilent = nodeOf({
    phase: 'NotReady',
    conditions: [{ type: 'Ready', status: 'False', reason: 'AgentSilent', message: '', lastTransitionTime: '' }],
  });
  const problem = { message: 'criu is missing', hint: 'Install CRIU 4.2' };

  const cases: readonly (readonly [string, ReturnType<typeof decideNode>, string])[] = [
    ['Ready', decideNode(nodeOf(), true, alive), 'Ready AgentReady'],
    ['its Node is gone', decideNode(nodeOf(), false, alive), 'Gone NodeGone'],
    ['no Lease', decideNode(nodeOf(), true, undefined), 'NotReady NoLease'],
    ['a Lease that expired', decideNode(nodeOf({ phase: 'Ready' }), true, silent), 'NotReady AgentSilent'],
    ['a problem', decideNode(nodeOf({ problems: [problem] }), true, alive), 'NotReady NodeProblem'],
    [
      'after a restart of the controller, was Ready',
      decideNode(nodeOf({ phase: 'Ready' }), true, unsure),
      'Ready AgentReady',
    ],
    ['after a restart of the controller, was silent', decideNode(wasSilent, true, unsure), 'NotReady AgentSilent'],
    ['was silent, and renews again', decideNode(wasSilent, true, alive), 'Ready AgentReady'],
  ];
  for (const [name, { phase, reason, ready }, expected] of cases) {
    it(name, () => {
      assert.equal(`${phase} ${reason}`, expected);
      assert.equal(ready, phase === 'Ready' ? 'True' : 'False');
    });
  }

  it('tells the problem and the way out, and looks again before the Lease can expire', () => {
    const state = decideNode(nodeOf({ problems: [problem, problem] }), true, alive);
    assert.equal(state.message, 'criu is missing. Install CRIU 4.2 (and 1 more, see status.problems)');
    assert.equal(state.lookAgainMs, 40_000);
    assert.equal(decideNode(nodeOf(), true, silent).lookAgainMs, undefined);
  });
});
