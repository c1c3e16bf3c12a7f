// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { NodeFacts } from '@grit/plugin-api';
import { testFunctionsOf, type TestFunctions } from '../test-functions.js';
import { CHECKPOINT_CASES } from './checkpoint-cases.js';
import { NODE_CASES } from './node-cases.js';
import { RESTORE_CASES } from './restore-cases.js';
import type { RuntimeSubject } from './runtime-subject.js';

/** What {@link runtimeDriverSuite} needs. */
export interface RuntimeDriverSuiteOptions extends Partial<TestFunctions> {
  /** Title of the suite; default `runtime driver`. */
  readonly title?: string | undefined;
  /** Makes a driver on an empty node. Called once for each case. */
  readonly create: () => Promise<RuntimeSubject>;
  /** Ends everything that is left of it, running workloads too. */
  readonly destroy: (subject: RuntimeSubject) => Promise<void>;
  /** The manifest's `capabilities`. */
  readonly capabilities: readonly string[];
  /** `probe` of a driver whose tools are not there. */
  readonly probeWithoutTool?: (() => Promise<NodeFacts>) | undefined;
}

/**
 * The cases that every RuntimeDriver has to pass. Call it in a test file, under any runner that has `describe` and `it`.
 *
 * @example
 * ```ts
 * runtimeDriverSuite({ create, destroy, capabilities: ['launcher'] });
 * ```
 */
export function runtimeDriverSuite(options: RuntimeDriverSuiteOptions): void {
  const { describe, it } = testFunctionsOf(options);
  describe(options.title ?? 'runtime driver', () => {
    for (const { title, run } of [...NODE_CASES, ...CHECKPOINT_CASES, ...RESTORE_CASES]) {
      it(title, () => withSubject(options, run));
    }
    it('has the capabilities that its manifest claims, and no others', () =>
      withSubject(options, async ({ driver }) => {
        const launches = ['start', 'inspect', 'list', 'stop', 'remove'].every(
          (method) => typeof (driver as unknown as Record<string, unknown>)[method] === 'function',
        );
        // A launcher may also be a service of its own, then only the manifest tells.
        if (launches)
          assert.ok(options.capabilities.includes('launcher'), 'it is a launcher; its manifest does not say so');
        assert.ok(!options.capabilities.includes('stub'), 'a stub has cases of its own: stubDriverSuite');
        for (const capability of options.capabilities) assert.match(capability, /^[a-z0-9]+(-[a-z0-9]+)*$/);
      }));
    const { probeWithoutTool } = options;
    if (probeWithoutTool) {
      it('probe without its tool is an answer, not an error', async () => {
        const { ready, problems } = await probeWithoutTool();
        assert.equal(ready, false);
        assert.ok(problems.length > 0, 'not ready, and no problem named');
        assert.ok(problems.every(({ message, hint }) => message !== '' && hint !== ''));
      });
    }
  });
}

async function withSubject(
  options: RuntimeDriverSuiteOptions,
  run: (subject: RuntimeSubject) => Promise<void>,
): Promise<void> {
  const subject = await options.create();
  try {
    await run(subject);
  } finally {
    await options.destroy(subject);
  }
}
