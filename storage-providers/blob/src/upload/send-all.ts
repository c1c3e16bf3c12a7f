// SPDX-License-Identifier: Apache-2.0

/**
 * Sends parts as they come, `atOnce` of them at a time. The first failure counts: the parts after it are not asked for, what is on its way
 * is stopped and waited for, so when this returns, nothing is under way any more.
 */
export async function sendAll<T>(
  parts: AsyncIterable<T> | Iterable<T>,
  options: { readonly signal: AbortSignal; readonly atOnce: (part: T) => number },
  send: (part: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const stopped = Promise.withResolvers<undefined>();
  const fail = (error: unknown): void => {
    failures.push(error);
    failed.abort();
    stopped.resolve(undefined);
  };
  const iterator = each(parts);
  try {
    for (;;) {
      // Who gives the parts may take its time, and is not waited for when they are not wanted any more.
      const next = await Promise.race([iterator.next(), stopped.promise]);
      if (next === undefined || next.done === true) break;
      const part = next.value;
      while (running.size > 0 && running.size >= options.atOnce(part)) await Promise.race(running);
      if (failures.length > 0) break;
      const task: Promise<void> = send(part, signal)
        .catch(fail)
        .finally(() => running.delete(task));
      running.add(task);
    }
  } catch (error) {
    fail(error);
  }
  await Promise.all(running);
  if (failures.length === 0) return;
  iterator.return().catch(() => undefined);
  throw failures[0];
}

async function* each<T>(parts: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T, void> {
  yield* parts;
}
