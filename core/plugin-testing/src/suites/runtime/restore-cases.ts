// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { truncate } from 'node:fs/promises';
import type { ImageSource, RestoreTarget, WorkloadRef } from '@grit/plugin-api';
import { NEVER, failsAborted, failsWith } from '../expect.js';
import { footprint, grown } from '../leaks.js';
import { dump, getsOn, imageOf, startWorkload, throughJson } from './dumping.js';
import type { RuntimeCase, RuntimeSubject } from './runtime-subject.js';

/** From an image back to a running workload. */
export const RESTORE_CASES: readonly RuntimeCase[] = [
  {
    title: 'a restored workload goes on from where it was',
    run: async (subject) => {
      const { workload, source, progress } = await stoppedWithImage(subject, 'moved');
      const restored = await bringBack(subject, source, targetOf(workload, 'r-moved'));
      assert.equal(restored.status.state, 'running');
      assert.equal(restored.status.restoredFrom, source.checkpoint);
      await getsOn(subject, workload, progress);
    },
  },
  {
    title: 'an image that went through files alone goes on, too',
    run: async (subject) => {
      const { workload, source, progress } = await stoppedWithImage(subject, 'by-files', { filesOnly: true });
      await bringBack(subject, source, targetOf(workload, 'r-by-files'));
      await getsOn(subject, workload, progress);
    },
  },
  {
    title: 'restore is idempotent by id and never starts a second copy, also after a crash of the agent',
    run: async (subject) => {
      const { workload, source } = await stoppedWithImage(subject, 'once');
      const target = targetOf(workload, 'r-once');
      const first = await bringBack(subject, source, target);
      const again = await bringBack({ ...subject, ...(await subject.reopen()) }, source, target);
      assert.equal(again.status.pid, first.status.pid);
      const running = (await subject.launcher.list(NEVER)).filter(({ state }) => state === 'running');
      assert.equal(running.length, 1);
      await getsOn(subject, workload);
    },
  },
  {
    title: 'an image of another driver or of an unknown version is refused',
    run: async (subject) => {
      const { workload, source } = await stoppedWithImage(subject, 'foreign');
      const target = targetOf(workload, 'r-foreign');
      const records = [
        { ...source.runtime, driver: 'somebody-else' },
        { ...source.runtime, version: 999_999 },
      ];
      for (const runtime of records) {
        const call = subject.driver.prepareRestore({ ...source, runtime }, target, NEVER);
        await failsWith(call, 'GRIT_RESTORE_INCOMPATIBLE');
      }
      await abandon(subject, target);
    },
  },
  {
    title: 'a restore beside a living copy is refused',
    run: async (subject) => {
      const workload = await startWorkload(subject, 'alive');
      const dumped = await dump(subject, workload, 'c-alive');
      const source = await imageOf(subject, dumped, 'c-alive');
      const target = targetOf(workload, 'r-alive');
      await failsWith(subject.driver.prepareRestore(source, target, NEVER), 'GRIT_WORKLOAD_RUNNING');
      await subject.driver.release(dumped.held.hold, 'resume', NEVER);
      await failsWith(subject.driver.prepareRestore(source, target, NEVER), 'GRIT_WORKLOAD_RUNNING');
      await getsOn(subject, workload);
    },
  },
  {
    title: 'an image with a damaged part is no fresh start',
    run: async (subject) => {
      const { workload, source } = await stoppedWithImage(subject, 'damaged');
      const target = targetOf(workload, 'r-damaged');
      for (const part of source.parts.filter(({ kind }) => kind === 'memory')) await truncate(part.path, 0);
      await failsWith(bringBack(subject, source, target));
      await abandon(subject, target);
    },
  },
  {
    title: 'a restore aborted at any step leaves nothing behind and can be made again',
    run: async (subject) => {
      const { workload, source, progress } = await stoppedWithImage(subject, 'given-up');
      const first = targetOf(workload, 'r-first');
      await failsAborted(subject.driver.prepareRestore(source, first, AbortSignal.abort()));
      await abandon(subject, first);
      const second = targetOf(workload, 'r-second');
      const prepared = throughJson(await subject.driver.prepareRestore(source, second, NEVER));
      await failsAborted(subject.driver.restore(prepared, source, AbortSignal.abort()));
      await abandon(subject, second);
      await abandon(subject, second);
      await bringBack(subject, source, targetOf(workload, 'r-third'));
      await getsOn(subject, workload, progress);
    },
  },
  {
    title: 'a round of checkpoint, stop, restore and stop leaves no file, process or mount',
    run: async (subject) => {
      const round = async (name: string): Promise<void> => {
        const { workload, source } = await stoppedWithImage(subject, name);
        await bringBack(subject, source, targetOf(workload, `r-${name}`));
        await subject.launcher.stop(workload, { graceMs: 0 }, NEVER);
        await subject.launcher.remove(workload, NEVER);
      };
      // What a first round opens for good (a log, a helper) is no leak.
      await round('first');
      const before = await footprint();
      await round('second');
      assert.deepEqual(grown(before, await footprint()), []);
      assert.deepEqual(await subject.driver.holds(NEVER), []);
    },
  },
];

function targetOf(workload: WorkloadRef, restore: string): RestoreTarget {
  return { workload, restore, tcp: 'refuse' };
}

async function stoppedWithImage(
  subject: RuntimeSubject,
  name: string,
  options: { readonly filesOnly?: boolean } = {},
): Promise<{ readonly workload: WorkloadRef; readonly source: ImageSource; readonly progress: number }> {
  const workload = await startWorkload(subject, name);
  const dumped = await dump(subject, workload, `c-${name}`, options);
  const progress = await subject.progressOf(workload);
  const source = await imageOf(subject, dumped, `c-${name}`);
  await subject.driver.release(dumped.held.hold, 'stop', NEVER);
  await subject.launcher.remove(workload, NEVER);
  return { workload, source, progress };
}

async function bringBack(
  subject: Pick<RuntimeSubject, 'driver'>,
  source: ImageSource,
  target: RestoreTarget,
): Promise<Awaited<ReturnType<RuntimeSubject['driver']['restore']>>> {
  const prepared = throughJson(await subject.driver.prepareRestore(source, target, NEVER));
  const restored = await subject.driver.restore(prepared, source, NEVER);
  await subject.driver.verify(throughJson(restored), NEVER);
  return restored;
}

async function abandon(subject: RuntimeSubject, target: RestoreTarget): Promise<void> {
  await subject.driver.abandonRestore(target, NEVER);
  const { state } = await subject.launcher.inspect(target.workload, NEVER);
  assert.match(state, /^(exited|missing)$/, `after abandonRestore the workload is ${state}`);
}
