// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { ErrorCode, GritError, RuntimeDriver } from '@grit/plugin-api';
import { NEVER, failsAborted, failsWith } from '../expect.js';
import { testFunctionsOf, type TestFunctions } from '../test-functions.js';
import { FileImageSink } from './file-image-sink.js';

/** A stub under test: it never has a workload, so nothing has to start one. */
export interface StubSubject {
  readonly driver: RuntimeDriver;
  /** An empty directory, the suite's own. */
  readonly directory: string;
}

/** What {@link stubDriverSuite} needs. */
export interface StubDriverSuiteOptions extends Partial<TestFunctions> {
  /** Title of the suite; default `stub of a runtime driver`. */
  readonly title?: string | undefined;
  /** Makes a driver, each on another kind of node: with everything, with nothing. Called once for each case. */
  readonly create: () => Promise<StubSubject>;
  readonly destroy: (subject: StubSubject) => Promise<void>;
  /** The manifest's `capabilities`. */
  readonly capabilities: readonly string[];
}

const WORKLOAD = { kind: 'container', name: 'nobodys' };
const HOLD = { id: 'c-1', workload: WORKLOAD, since: 0 };
const PREPARED = { restore: 'r-1', workload: WORKLOAD, data: null, timings: [] };

type Call = (subject: StubSubject, signal: AbortSignal) => Promise<unknown>;

/** What a stub must refuse; each of them names the driver, so that it is seen who refused. */
const REFUSED: readonly (readonly [title: string, call: Call])[] = [
  ['preflight', ({ driver }, signal) => driver.preflight(WORKLOAD, { tcp: 'refuse' }, signal)],
  [
    'checkpoint',
    ({ driver, directory }, signal) =>
      driver.checkpoint(WORKLOAD, new FileImageSink(directory), { checkpoint: 'c-1', tcp: 'refuse' }, signal),
  ],
  [
    'prepareRestore',
    ({ driver, directory }, signal) =>
      driver.prepareRestore(imageIn(directory), { workload: WORKLOAD, restore: 'r-1', tcp: 'refuse' }, signal),
  ],
  ['restore', ({ driver, directory }, signal) => driver.restore(PREPARED, imageIn(directory), signal)],
  [
    'verify',
    ({ driver }, signal) =>
      driver.verify({ restore: 'r-1', status: { workload: WORKLOAD, state: 'running' }, timings: [] }, signal),
  ],
];

/** What a stub must answer, in vain or not. */
const ANSWERED: readonly (readonly [title: string, call: Call])[] = [
  ['probe', ({ driver }, signal) => driver.probe(signal)],
  ['holds', ({ driver }, signal) => driver.holds(signal)],
  ['abandonRestore', ({ driver }, signal) => driver.abandonRestore(PREPARED, signal)],
];

/**
 * The part of the cases for a RuntimeDriver whose manifest has the capability `stub`: it says what a node has and why it cannot work there, refuses
 * everything else with a reason, and never claims a workload. Call it in a test file, under any runner that has `describe` and `it`.
 */
export function stubDriverSuite(options: StubDriverSuiteOptions): void {
  const { describe, it } = testFunctionsOf(options);
  const on = (run: (subject: StubSubject) => Promise<void>) => async (): Promise<void> => {
    const subject = await options.create();
    try {
      await run(subject);
    } finally {
      await options.destroy(subject);
    }
  };
  describe(options.title ?? 'stub of a runtime driver', () => {
    it('says in its manifest that it is a stub, and claims nothing else', async () => {
      await Promise.resolve();
      assert.deepEqual(options.capabilities, ['stub']);
    });
    it(
      'probe is an answer: not ready, with problems that say what can be done',
      on(async ({ driver }) => {
        const { ready, problems, facts } = await driver.probe(NEVER);
        assert.equal(ready, false);
        assert.ok(problems.length > 0, 'not ready, and no problem named');
        for (const { message, hint } of problems) assert.ok(message !== '' && hint !== '', `${message}: ${hint}`);
        assert.equal(new Set(problems.map(({ message }) => message)).size, problems.length, 'a problem is there twice');
        for (const [name, value] of Object.entries(facts)) {
          assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
          assert.ok(value.length > 0, `fact ${name} is empty`);
        }
      }),
    );
    for (const [title, call] of REFUSED) {
      it(
        `refuses ${title}, with a hint, in its own name`,
        on(async (subject) => {
          checkRefusal(await failsWith(call(subject, NEVER), 'GRIT_UNSUPPORTED'), subject.driver.id);
          assert.deepEqual(await subject.driver.holds(NEVER), []);
        }),
      );
    }
    it(
      'holds nothing, and releases nothing that it does not hold',
      on(async ({ driver }) => {
        assert.deepEqual(await driver.holds(NEVER), []);
        const code: ErrorCode = 'GRIT_HOLD_NOT_FOUND';
        for (const mode of ['resume', 'stop'] as const) await failsWith(driver.release(HOLD, mode, NEVER), code);
      }),
    );
    it(
      'has nothing to take back of a restore, however often it is asked',
      on(async ({ driver }) => {
        assert.equal(await driver.abandonRestore(PREPARED, NEVER), undefined);
        assert.equal(await driver.abandonRestore(PREPARED, NEVER), undefined);
      }),
    );
    it(
      'has no gate and starts nothing',
      on(async ({ driver }) => {
        await Promise.resolve();
        assert.equal(driver.gate, undefined);
        assert.ok(!('start' in driver), 'it is a launcher');
      }),
    );
    for (const [title, call] of [...REFUSED, ...ANSWERED]) {
      it(
        `${title} does not hang when its caller gives up`,
        on(async (subject) => {
          await failsAborted(call(subject, AbortSignal.abort()));
          const controller = new AbortController();
          const late = call(subject, controller.signal);
          controller.abort();
          // Either way: it may have been done before.
          await late.catch((error: unknown) => failsWith(Promise.reject(error as Error)));
        }),
      );
    }
  });
}

function checkRefusal({ message, hint }: GritError, driver: string): void {
  assert.ok(message.includes(driver), `the driver ${driver} is not named: ${message}`);
  assert.ok(hint !== '', `no hint: ${message}`);
}

function imageIn(directory: string): Parameters<RuntimeDriver['prepareRestore']>[0] {
  return { checkpoint: 'c-1', directory, parts: [], runtime: { driver: 'somebody', version: 1, data: {} } };
}
