// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { Thread } from '../../src/threads/thread.js';
import { failure } from '../facts.js';

describe('a thread', function () {
  this.timeout(60_000);

  it('answers calls in their order, and errors as errors', async () => {
    const thread = new Thread('pack/pack-worker');
    // A packer that it does not know may leave, but not work.
    const calls = [
      thread.call({ kind: 'leave', packer: 7 }),
      failure(thread.call({ kind: 'finish', packer: 7 }), 'GRIT_INTERNAL'),
      thread.call({ kind: 'leave', packer: 7 }),
    ];
    assert.equal(thread.pending, 3);
    assert.equal((await Promise.all(calls)).at(0), undefined);
    assert.equal(thread.pending, 0);
    await thread.close();
    assert.equal(thread.alive, false);
  });

  it('does not count what could not be sent', async () => {
    const thread = new Thread('pack/pack-worker');
    await assert.rejects(thread.call({ what: () => 'no message' }), (error: Error) => error.name === 'DataCloneError');
    assert.equal(thread.pending, 0);
    await thread.call({ kind: 'leave', packer: 7 });
    await thread.close();
  });

  it('fails its calls when it ends, and is begun anew', async () => {
    const thread = new Thread('pack/pack-worker');
    const call = failure(thread.call({ kind: 'leave', packer: 7 }), 'GRIT_INTERNAL');
    await thread.close();
    assert.match((await call).message, /ended/);
    await thread.call({ kind: 'leave', packer: 7 });
    await thread.close();
  });

  it('fails its calls when its script cannot be loaded', async () => {
    const thread = new Thread('pack/no-such-script');
    await failure(thread.call({}), 'GRIT_INTERNAL');
  });
});
