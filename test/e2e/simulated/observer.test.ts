// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { Observer } from '../../simulated/observer.js';

const pod = (uid: string, node = 'a') => ({ uid, name: `default/${uid}`, node, ownerUid: 'job' });

describe('the observer of simulated nodes', () => {
  it('has nothing to say of a workload that moves', () => {
    const observer = new Observer();
    observer.startedFresh(pod('p'));
    observer.frozen('p');
    const dump = observer.snapshot('p', 10);
    observer.ended('p');
    observer.restored(pod('q', 'b'), dump);
    observer.ended('q');
    assert.deepEqual(observer.violations, []);
    assert.deepEqual(observer.repeatedWork, []);
    assert.equal(observer.freshStarts('job'), 1);
  });

  it('sees a restore beside its living source', () => {
    for (const resumed of [false, true]) {
      const observer = new Observer();
      observer.startedFresh(pod('p'));
      observer.frozen('p');
      const dump = observer.snapshot('p', 10);
      if (resumed) observer.resumed('p');
      observer.restored(pod('q', 'b'), dump);
      assert.match(observer.violations.join(), resumed ? /p\) is running on a/ : /p\) is frozen on a/);
    }
  });

  it('sees a source that is let run beside its restored copy, and two copies of one dump', () => {
    const observer = new Observer();
    observer.startedFresh(pod('p'));
    observer.frozen('p');
    const dump = observer.snapshot('p', 10);
    observer.restored(pod('q', 'b'), dump);
    observer.resumed('p');
    assert.match(observer.violations.at(-1) ?? '', /was let run while default\/q/);
    observer.ended('p');
    const before = observer.violations.length;
    observer.restored(pod('r', 'c'), dump);
    assert.equal(observer.violations.length, before + 1);
  });

  it('sees work that is done twice, also that of a copy of a copy', () => {
    const observer = new Observer();
    observer.startedFresh(pod('p'));
    observer.frozen('p');
    const dump = observer.snapshot('p', 10);
    observer.resumed('p');
    observer.ended('p');
    observer.restored(pod('q', 'b'), dump);
    assert.equal(observer.repeatedWork.length, 1);
    observer.frozen('q');
    const second = observer.snapshot('q', 20);
    assert.equal(second.workload, 'p');
    observer.ended('q');
    observer.restored(pod('r', 'c'), second);
    assert.equal(observer.repeatedWork.length, 1);
    assert.deepEqual(observer.violations, []);
  });

  it('sees a pod that is started twice and a change that cannot be', () => {
    const observer = new Observer();
    observer.startedFresh(pod('p'));
    observer.startedFresh(pod('p'));
    observer.resumed('p');
    observer.frozen('unknown');
    assert.equal(observer.violations.length, 3);
    assert.throws(() => observer.snapshot('p', 0), /only what is frozen is dumped/);
  });
});
