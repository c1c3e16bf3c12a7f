// SPDX-License-Identifier: Apache-2.0
// Loaded before the tests: `this.skip('why')` keeps its reason, so that no test is left out silently.
import { Context } from 'mocha';

const skip = Context.prototype.skip;

Context.prototype.skip = function (reason) {
  const runnable = this.runnable();
  // A hook skips a whole suite (before) or the test that was about to start (beforeEach).
  const target = runnable.type !== 'hook' ? runnable : isBeforeAll(runnable) ? runnable.parent : this.currentTest;
  target.skipReason = reason;
  return skip.call(this);
};

function isBeforeAll(hook) {
  return hook.title.startsWith('"before all" hook');
}
