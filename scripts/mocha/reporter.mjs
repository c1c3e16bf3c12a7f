// SPDX-License-Identifier: Apache-2.0
import { Runner, reporters } from 'mocha';

const { EVENT_RUN_END, EVENT_SUITE_BEGIN, EVENT_SUITE_END, EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING } =
  Runner.constants;

const FINAL_GRACE_MS = 10_000;

/** A spec-like report whose last line is `N passed, N failed, N skipped`; every skipped test shows its reason. */
export default class GritReporter extends reporters.Base {
  #depth = 0;

  constructor(runner, options) {
    super(runner, options);
    runner.on(EVENT_SUITE_BEGIN, (suite) => {
      if (suite.title !== '') this.#print(suite.title);
      this.#depth++;
    });
    runner.on(EVENT_SUITE_END, () => this.#depth--);
    runner.on(EVENT_TEST_PASS, (test) => this.#print(`✔ ${test.title}${slowness(test)}`));
    runner.on(EVENT_TEST_FAIL, (test) => this.#print(`✘ ${test.title}`));
    runner.on(EVENT_TEST_PENDING, (test) => this.#print(`- ${test.title} (skipped: ${findSkipReason(test)})`));
    runner.on(EVENT_RUN_END, () => this.#finish());
  }

  #print(line) {
    process.stdout.write(`${'  '.repeat(Math.max(0, this.#depth - 1))}${line}\n`);
  }

  #finish() {
    if (this.failures.length > 0) reporters.Base.list(this.failures);
    const { passes, failures, pending } = this.stats;
    process.stdout.write(`\n${passes} passed, ${failures} failed, ${pending} skipped\n`);
    // Mocha is not told to exit: a test that leaves a socket, a timer or a child behind has not cleaned up after itself.
    setTimeout(() => {
      process.stderr.write(`grit: tests left open: ${process.getActiveResourcesInfo().join(', ')}\n`);
      // Mocha's own exit listener sets the code to the number of failures; this one is called after it.
      process.once('exit', () => (process.exitCode = 1));
      process.exit();
    }, FINAL_GRACE_MS).unref();
  }
}

function slowness(test) {
  return test.duration > test.slow() ? ` (${test.duration} ms)` : '';
}

function findSkipReason(test) {
  for (let node = test; node; node = node.parent) if (node.skipReason) return node.skipReason;
  return 'no reason given';
}
