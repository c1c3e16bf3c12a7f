// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';

/**
 * What the work gives, or GRIT_TIMEOUT at the deadline, or the signal's reason: also when the work itself never ends.
 * The work's own signal is aborted in both cases.
 */
export async function withinDeadline<T>(
  what: string,
  deadlineMs: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const timeout = setTimeout(
    () => end.abort(new GritError('GRIT_TIMEOUT', `${what} took longer than ${deadlineMs} ms`)),
    deadlineMs,
  );
  const pass = (): void => end.abort(outer?.reason);
  if (outer?.aborted === true) pass();
  outer?.addEventListener('abort', pass, { once: true });
  try {
    return await new Promise<T>((resolve, reject) => {
      const gone = (): void => {
        reject(end.signal.reason as Error);
      };
      if (end.signal.aborted) gone();
      else end.signal.addEventListener('abort', gone, { once: true });
      work(end.signal).then(resolve, reject);
    });
  } finally {
    clearTimeout(timeout);
    outer?.removeEventListener('abort', pass);
  }
}
