// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { GritError, type Json, type JobQueue, type JobSnapshot } from '@grit/plugin-api';
import { aborted, gate, never, waitFor } from './wait-for.js';

type Opened = () => JobQueue;

/** What every JobQueue does. `queue` gives a second handle on the same jobs where there is one, else the same. */
export function describeJobQueue(title: string, open: Opened, other: Opened = open): void {
  describe(`${title}: contract`, () => {
    let routes = 0;
    const newRoute = (): `node-${string}` => `node-c${++routes}-${process.pid}`;

    it('delivers a job with its data, and gives its result', async () => {
      const route = newRoute();
      const data = { workload: { kind: 'container', name: 'train' }, list: [1, null, 'x', { y: true }] };
      let seen: Json = null;
      const consumer = await other().consume(
        route,
        async (job) => {
          seen = { name: job.name, data: job.data, attempt: job.attempt, token: job.token !== '' };
          return { done: true, list: [1] };
        },
        { concurrency: 1 },
      );
      const { id, duplicate } = await open().submit(route, 'work', data, {}, never);
      assert.equal(duplicate, false);
      const last = await end(open(), route, id);
      assert.equal(last.state, 'completed');
      assert.deepEqual(last.result, { done: true, list: [1] });
      assert.deepEqual(last.data, data);
      assert.equal(last.attempt, 1);
      assert.deepEqual(seen, { name: 'work', data, attempt: 1, token: true });
      await consumer.close({ deadlineMs: 1_000 });
    });

    it('keeps falsy results', async () => {
      const route = newRoute();
      const consumer = await other().consume(route, async (job) => job.data, { concurrency: 1 });
      for (const value of [null, 0, false, '']) {
        const { id } = await open().submit(route, 'echo', value, {}, never);
        const last = await end(open(), route, id);
        assert.deepEqual([last.state, last.result], ['completed', value]);
      }
      await consumer.close({ deadlineMs: 1_000 });
    });

    it('takes the same id once, whatever the id looks like', async () => {
      const route = newRoute();
      let runs = 0;
      const ids = ['key', '12', '-5', 'a:b:c', '100%', '%3A', 'é/ü 😀', 'x'.repeat(200)];
      for (const id of ids) {
        const first = await open().submit(route, 'once', { id }, { id }, never);
        const second = await other().submit(route, 'once', { id, again: true }, { id }, never);
        assert.deepEqual(
          [first, second],
          [
            { id, duplicate: false },
            { id, duplicate: true },
          ],
        );
      }
      const consumer = await other().consume(route, async () => ++runs, { concurrency: 4 });
      for (const id of ids) {
        const last = await end(open(), route, id);
        assert.deepEqual([last.id, last.data], [id, { id }]);
      }
      assert.equal((await open().submit(route, 'once', {}, { id: 'key' }, never)).duplicate, true);
      assert.equal(runs, ids.length);
      await consumer.close({ deadlineMs: 1_000 });
    });

    it('of two submitters at a time exactly one is told that it was first', async () => {
      const route = newRoute();
      const answers = await Promise.all(
        [open(), other(), open(), other()].map((queue) => queue.submit(route, 'once', {}, { id: 'race' }, never)),
      );
      assert.equal(answers.filter(({ duplicate }) => !duplicate).length, 1);
    });

    it('serves lower priorities first, then in order of submission', async () => {
      const route = newRoute();
      for (const priority of [5, 0, 1, 0, 1]) await open().submit(route, 'p', { priority }, { priority }, never);
      const order: Json[] = [];
      const consumer = await other().consume(
        route,
        async (job) => {
          order.push((job.data as { priority: number }).priority);
          return null;
        },
        { concurrency: 1 },
      );
      await waitFor('all run', () => order.length === 5);
      assert.deepEqual(order, [0, 0, 1, 1, 5]);
      await consumer.close({ deadlineMs: 1_000 });
    });

    it('holds a delayed job back', async () => {
      const route = newRoute();
      const start = Date.now();
      let ran = 0;
      const consumer = await other().consume(route, async () => (ran = Date.now()), { concurrency: 1 });
      // Asked of one that cannot have begun, however slow the machine.
      const far = await open().submit(route, 'far', {}, { delayMs: 3_600_000 }, never);
      assert.equal((await open().get(route, far.id, never)).state, 'delayed');
      assert.equal(await open().cancel(route, far.id, 'no more', never), true);
      const { id } = await open().submit(route, 'later', {}, { delayMs: 400 }, never);
      await end(open(), route, id);
      assert.ok(ran - start >= 390, `${ran - start} ms`);
      await consumer.close({ deadlineMs: 1_000 });
    });

    it('tries a retryable error again, and gives the last error back', async () => {
      const route = newRoute();
      const attempts: number[] = [];
      const tokens = new Set<string>();
      const consumer = await other().consume(
        route,
        async (job) => {
          attempts.push(job.attempt);
          tokens.add(job.token);
          if (job.attempt === 2 && job.name === 'heals') return 'healed';
          throw new GritError('GRIT_NODE_GONE', `gone ${job.attempt}`, { details: { node: 'b' } });
        },
        { concurrency: 1 },
      );
      const heals = await open().submit(route, 'heals', {}, {}, never);
      assert.equal((await end(open(), route, heals.id)).result, 'healed');
      assert.deepEqual([attempts, tokens.size], [[1, 2], 2]);
      const fails = await open().submit(route, 'fails', {}, { attempts: 2 }, never);
      const last = await end(open(), route, fails.id);
      assert.deepEqual([last.state, last.attempt], ['failed', 2]);
      assert.deepEqual(
        [last.error?.code, last.error?.message, last.error?.details, last.error?.retryable],
        ['GRIT_NODE_GONE', 'gone 2', { node: 'b' }, true],
      );
      await consumer.close({ deadlineMs: 1_000 });
    });

    it('fails at once for errors that are not retryable, ours or not', async () => {
      const route = newRoute();
      let runs = 0;
      const consumer = await other().consume(
        route,
        async (job) => {
          runs += 1;
          throw job.name === 'ours' ? new GritError('GRIT_STORAGE_FULL', 'no room') : new TypeError('defect');
        },
        { concurrency: 1 },
      );
      const codes: unknown[] = [];
      for (const name of ['ours', 'foreign']) {
        const { id } = await open().submit(route, name, {}, { attempts: 5 }, never);
        codes.push((await end(open(), route, id)).error?.code);
      }
      assert.deepEqual([runs, codes], [2, ['GRIT_STORAGE_FULL', 'GRIT_INTERNAL']]);
      await consumer.close({ deadlineMs: 1_000 });
    });

    it('lists dead letters, newest first, and sends them again with their attempts anew', async () => {
      const route = newRoute();
      let broken = true;
      const attempts: number[] = [];
      const consumer = await other().consume(
        route,
        async (job) => {
          attempts.push(job.attempt);
          if (broken) throw new GritError('GRIT_STORAGE_FULL', `no room for ${job.id}`);
          return 'ok';
        },
        { concurrency: 1 },
      );
      for (const id of ['one', 'two']) {
        await open().submit(route, 'store', { id }, { id }, never);
        await end(open(), route, id);
      }
      const letters = await open().deadLetters(route, { limit: 10 }, never);
      assert.deepEqual(
        letters.map(({ id, error, data }) => [id, error?.message, data]),
        [
          ['two', 'no room for two', { id: 'two' }],
          ['one', 'no room for one', { id: 'one' }],
        ],
      );
      assert.equal((await open().deadLetters(route, { limit: 1 }, never)).length, 1);
      broken = false;
      await open().resend(route, 'one', never);
      assert.equal((await end(open(), route, 'one')).result, 'ok');
      assert.deepEqual(attempts, [1, 1, 2]);
      await rejects('GRIT_JOB_NOT_FOUND', open().resend(route, 'one', never));
      await rejects('GRIT_JOB_NOT_FOUND', open().resend(route, 'unknown', never));
      await consumer.close({ deadlineMs: 1_000 });
    });

    it('removes a cancelled job that waits, and its watchers hear of it', async () => {
      const route = newRoute();
      const { id } = await open().submit(route, 'never', {}, { id: 'k' }, never);
      const watch = open().watch(route, id, never)[Symbol.asyncIterator]();
      assert.equal(((await watch.next()).value as JobSnapshot).state, 'waiting');
      assert.equal(await open().cancel(route, id, 'no more', never), true);
      assert.equal(((await watch.next()).value as JobSnapshot).state, 'cancelled');
      assert.equal((await watch.next()).done, true);
      await rejects('GRIT_JOB_NOT_FOUND', open().get(route, id, never));
      assert.equal(await open().cancel(route, id, 'no more', never), false);
      assert.equal((await open().submit(route, 'never', {}, { id: 'k' }, never)).duplicate, false);
    });

    it('aborts a running job, from another handle', async () => {
      const route = newRoute();
      const started = gate();
      let reason: unknown;
      const consumer = await other().consume(
        route,
        async (_job, { signal }) => {
          started.open();
          await aborted(signal);
          reason = signal.reason;
          signal.throwIfAborted();
          return null;
        },
        { concurrency: 1 },
      );
      const { id } = await open().submit(route, 'long', {}, { attempts: 3 }, never);
      await started.opened;
      assert.equal(await open().cancel(route, id, 'enough', never), true);
      await waitFor('the handler hears of it', () => reason !== undefined);
      const last = await end(open(), route, id);
      assert.deepEqual(
        [last.state, last.error?.code, last.error?.message, last.attempt],
        ['cancelled', 'GRIT_OPERATION_CANCELLED', 'enough', 1],
      );
      assert.deepEqual(await open().deadLetters(route, { limit: 5 }, never), []);
      assert.equal(await open().cancel(route, id, 'again', never), false);
      await consumer.close({ deadlineMs: 1_000 });
    });

    it('shows progress and log lines while the job runs', async () => {
      const route = newRoute();
      const go = gate();
      const consumer = await other().consume(
        route,
        async (_job, context) => {
          await context.progress({ phase: 'dump', doneBytes: 1 });
          await context.log('first line');
          await context.log('second line');
          await context.progress({ phase: 'dump', doneBytes: 2 });
          await go.opened;
          return null;
        },
        { concurrency: 1 },
      );
      const { id } = await open().submit(route, 'talks', {}, {}, never);
      const seen: JobSnapshot[] = [];
      for await (const snapshot of open().watch(route, id, never)) {
        seen.push(snapshot);
        const progress = snapshot.progress as { doneBytes: number } | undefined;
        if (progress?.doneBytes === 2 && snapshot.log.length === 2) go.open();
      }
      const last = seen.at(-1)!;
      assert.deepEqual([last.state, last.log], ['completed', ['first line', 'second line']]);
      assert.ok(seen.some(({ state }) => state === 'active'));
      await consumer.close({ deadlineMs: 1_000 });
    });

    it('drains: waits for what runs, takes nothing new', async () => {
      const route = newRoute();
      const started = gate();
      const go = gate();
      const consumer = await other().consume(
        route,
        async (job) => {
          started.open();
          await go.opened;
          return job.id;
        },
        { concurrency: 1 },
      );
      const first = await open().submit(route, 'slow', {}, {}, never);
      await started.opened;
      const second = await open().submit(route, 'slow', {}, {}, never);
      const closed = consumer.close({ deadlineMs: 10_000 });
      go.open();
      await closed;
      assert.equal((await open().get(route, first.id, never)).state, 'completed');
      assert.equal((await open().get(route, second.id, never)).state, 'waiting');
    });

    it('aborts at the deadline of a drain and gives the job back, with no attempt lost', async () => {
      const route = newRoute();
      const started = gate();
      const consumer = await other().consume(
        route,
        async (_job, { signal }) => {
          started.open();
          await aborted(signal);
          signal.throwIfAborted();
          return null;
        },
        { concurrency: 1 },
      );
      const { id } = await open().submit(route, 'long', {}, { attempts: 1 }, never);
      await started.opened;
      await consumer.close({ deadlineMs: 50 });
      assert.equal((await open().get(route, id, never)).state, 'waiting');
      const next = await other().consume(route, async (job) => job.attempt, { concurrency: 1 });
      assert.equal((await end(open(), route, id)).result, 2);
      await next.close({ deadlineMs: 1_000 });
    });

    it('refuses what it cannot take', async () => {
      const route = newRoute();
      const large = { text: 'x'.repeat(64 * 1024) };
      await rejects('GRIT_REQUEST_TOO_LARGE', open().submit(route, 'n', large, {}, never));
      for (const options of [
        { id: '' },
        { id: 'x'.repeat(201) },
        { id: '~1' },
        { priority: 1001 },
        { delayMs: -1 },
        { attempts: 0 },
      ]) {
        await rejects('GRIT_REQUEST_INVALID', open().submit(route, 'n', {}, options, never));
      }
      await rejects('GRIT_REQUEST_INVALID', open().submit('node-../x', 'n', {}, {}, never));
      await rejects('GRIT_JOB_NOT_FOUND', open().get(route, 'unknown', never));
      await rejects('GRIT_JOB_NOT_FOUND', end(open(), route, 'unknown'));
      await assert.rejects(open().submit(route, 'n', {}, {}, AbortSignal.abort(new Error('given up'))), /given up/);
    });

    it('ends a watch when its signal is aborted', async () => {
      const route = newRoute();
      const { id } = await open().submit(route, 'waits', {}, {}, never);
      const controller = new AbortController();
      const watched = end(open(), route, id, controller.signal);
      controller.abort(new Error('seen enough'));
      await assert.rejects(watched, /seen enough/);
    });

    it('submits scheduled jobs again and again', async () => {
      const route = newRoute();
      let runs = 0;
      const consumer = await other().consume(route, async () => ++runs, { concurrency: 1 });
      const job = { name: 'tick', data: { by: 'schedule' } };
      await open().schedule(route, 'nightly:1', { everyMs: 100 }, job, never);
      await waitFor('three runs', () => runs >= 3);
      assert.equal(await open().unschedule(route, 'nightly:1', never), true);
      assert.equal(await open().unschedule(route, 'nightly:1', never), false);
      await consumer.close({ deadlineMs: 1_000 });
    });
  });
}

/** The last snapshot of a watch. */
export async function end(
  queue: JobQueue,
  route: 'operations' | `node-${string}`,
  id: string,
  signal = never,
): Promise<JobSnapshot> {
  let last: JobSnapshot | undefined;
  for await (const snapshot of queue.watch(route, id, signal)) last = snapshot;
  assert.ok(last);
  return last;
}

/** Asserts a GritError of this code. */
export async function rejects(code: string, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.equal((error as GritError).code, code, String(error));
    return true;
  });
}
