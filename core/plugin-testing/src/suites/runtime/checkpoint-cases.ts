// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Progress, WorkloadRef } from '@grit/plugin-api';
import { NEVER, failsAborted, failsWith } from '../expect.js';
import { dump, getsOn, startWorkload, throughJson } from './dumping.js';
import type { RuntimeCase, RuntimeSubject } from './runtime-subject.js';

/** How long a frozen workload is watched. */
const STILL_MS = 200;

/** Freezing, dumping and letting go. */
export const CHECKPOINT_CASES: readonly RuntimeCase[] = [
  {
    title: 'a hold is really frozen, and resume lets it go on',
    run: async (subject) => {
      const workload = await startWorkload(subject, 'frozen');
      const { held } = await dump(subject, workload, 'c-frozen');
      assert.equal(held.hold.id, 'c-frozen');
      assert.equal((await subject.launcher.inspect(workload, NEVER)).state, 'held');
      await standsStill(subject, workload);
      await subject.driver.release(held.hold, 'resume', NEVER);
      await getsOn(subject, workload);
      assert.deepEqual(await subject.driver.holds(NEVER), []);
      // The hold is gone and the workload as asked for: nothing to do.
      await subject.driver.release(held.hold, 'resume', NEVER);
    },
  },
  {
    title: 'the image belongs to the driver and survives JSON',
    run: async (subject) => {
      const workload = await startWorkload(subject, 'recorded');
      const { held, parts } = await dump(subject, workload, 'c-recorded');
      assert.equal(held.runtime.driver, subject.driver.id);
      assert.ok(Number.isInteger(held.runtime.version));
      assert.deepEqual(throughJson(held), held);
      assert.ok(parts.length > 0, 'no parts');
      assert.ok(held.timings.every(({ ms }) => ms >= 0));
    },
  },
  {
    title: 'checkpoint is idempotent by id, also after a crash of the agent',
    run: async (subject) => {
      const workload = await startWorkload(subject, 'repeated');
      const first = await dump(subject, workload, 'c-repeated');
      const next = { ...subject, ...(await subject.reopen()) };
      assert.deepEqual(
        (await next.driver.holds(NEVER)).map(({ id }) => id),
        ['c-repeated'],
      );
      const second = await dump(next, workload, 'c-repeated');
      assert.deepEqual(throughJson(second), throughJson(first));
      await failsWith(dump(next, workload, 'c-another'), 'GRIT_WORKLOAD_HELD');
      await next.driver.release(first.held.hold, 'resume', NEVER);
      await getsOn(subject, workload);
    },
  },
  {
    title: 'stop ends a held workload for good',
    run: async (subject) => {
      const workload = await startWorkload(subject, 'stopped');
      const { held } = await dump(subject, workload, 'c-stopped');
      await subject.driver.release(held.hold, 'stop', NEVER);
      assert.match((await subject.launcher.inspect(workload, NEVER)).state, /^(exited|missing)$/);
      assert.deepEqual(await subject.driver.holds(NEVER), []);
      await subject.driver.release(held.hold, 'stop', NEVER);
      await failsWith(subject.driver.release(held.hold, 'resume', NEVER), 'GRIT_HOLD_NOT_FOUND');
    },
  },
  {
    title: 'release of a hold that never was does not touch a running workload',
    run: async (subject) => {
      const workload = await startWorkload(subject, 'untouched');
      const hold = { id: 'c-never', workload, since: 0 };
      await failsWith(subject.driver.release(hold, 'stop', NEVER), 'GRIT_HOLD_NOT_FOUND');
      await getsOn(subject, workload);
    },
  },
  {
    title: 'a failed checkpoint leaves the workload running after release',
    run: async (subject) => {
      const workload = await startWorkload(subject, 'unhurt');
      const blocked = join(subject.directory, 'a-file');
      await writeFile(blocked, '');
      const sink = { directory: join(blocked, 'below'), add: () => undefined };
      const options = { checkpoint: 'c-failed', tcp: 'refuse' } as const;
      await failsWith(subject.driver.checkpoint(workload, sink, options, NEVER));
      await resumeAll(subject, workload);
      const { held } = await dump(subject, workload, 'c-after');
      await subject.driver.release(held.hold, 'resume', NEVER);
      await getsOn(subject, workload);
    },
  },
  {
    title: 'a checkpoint aborted before it starts or at its first progress leaves the workload running after release',
    run: async (subject) => {
      const workload = await startWorkload(subject, 'aborted');
      await failsAborted(dump(subject, workload, 'c-early', { signal: AbortSignal.abort() }));
      await resumeAll(subject, workload);
      const controller = new AbortController();
      const onProgress = (): void => controller.abort();
      const outcome = await dump(subject, workload, 'c-late', { signal: controller.signal, onProgress }).catch(
        async (error: unknown) => failsAborted(Promise.reject(error as Error)),
      );
      // A driver that reports its first progress at the very end may have finished.
      if (outcome !== undefined) await subject.driver.release(outcome.held.hold, 'resume', NEVER);
      await resumeAll(subject, workload);
    },
  },
  {
    title: 'progress never goes back and never passes its total',
    run: async (subject) => {
      const workload = await startWorkload(subject, 'watched');
      const seen: Progress[] = [];
      await dump(subject, workload, 'c-watched', { onProgress: (progress) => seen.push({ ...progress }) });
      const last = new Map<string, number>();
      for (const { phase, doneBytes, totalBytes } of seen) {
        assert.ok(doneBytes >= (last.get(phase) ?? 0), `${phase} went back to ${doneBytes}`);
        assert.ok(doneBytes <= (totalBytes ?? doneBytes), `${phase}: ${doneBytes} of ${totalBytes ?? ''}`);
        last.set(phase, doneBytes);
      }
    },
  },
];

async function standsStill(subject: RuntimeSubject, workload: WorkloadRef): Promise<void> {
  const before = await subject.progressOf(workload);
  await delay(STILL_MS);
  assert.equal(await subject.progressOf(workload), before, `${workload.name} went on although it is held`);
}

/** What the caller of a failed checkpoint does. */
async function resumeAll(subject: RuntimeSubject, workload: WorkloadRef): Promise<void> {
  for (const hold of await subject.driver.holds(NEVER)) await subject.driver.release(hold, 'resume', NEVER);
  assert.equal((await subject.launcher.inspect(workload, NEVER)).state, 'running');
  await getsOn(subject, workload);
  assert.deepEqual(await subject.driver.holds(NEVER), []);
}
