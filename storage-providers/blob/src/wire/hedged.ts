// SPDX-License-Identifier: Apache-2.0
import type { HedgeBudget } from './hedge-budget.js';
import type { ResponseTimes } from './response-times.js';

/** One read that may be done twice. */
export interface HedgedRead {
  /** Filled by whichever read was first. Not touched after the end. */
  readonly into: Uint8Array;
  /** Of the reads before it, which this one joins. */
  readonly times: ResponseTimes;
  readonly budget: HedgeBudget;
  readonly signal: AbortSignal;
}

/**
 * Reads, and when that takes longer than nineteen of twenty reads before, begins a second one beside it; the first that succeeds counts,
 * the other is aborted. `read` fills the memory that it is given, touches it no more once it has ended, and ends soon after an abort.
 * Errors: those of the first read; the signal's reason.
 */
export async function hedged<T>(
  read: (target: Uint8Array, signal: AbortSignal) => Promise<T>,
  { into, times, budget, signal }: HedgedRead,
): Promise<T> {
  const stopFirst = new AbortController();
  const stopSecond = new AbortController();
  const began = performance.now();
  const first = read(into, AbortSignal.any([signal, stopFirst.signal]));
  const afterMs = times.p95;
  try {
    if (afterMs === undefined || (await endsWithin(first, afterMs, signal)) || !budget.spend()) {
      const result = await first;
      times.add(performance.now() - began);
      budget.earn();
      return result;
    }
    // Memory of its own: the first read may write into the target until its abort is through.
    const own = new Uint8Array(into.length);
    const second = read(own, AbortSignal.any([signal, stopSecond.signal])).finally(() => budget.ended());
    const winner = await Promise.any([first.then(of('first')), second.then(of('second'))]).catch(() => undefined);
    if (winner === undefined) return await first;
    times.add(performance.now() - began);
    if (winner.which === 'second') {
      stopFirst.abort(new Error('another read was faster'));
      await first.catch(() => undefined);
      into.set(own);
    }
    return winner.result;
  } finally {
    stopSecond.abort(new Error('another read was faster'));
  }
}

function of<T, Which extends string>(which: Which): (result: T) => { readonly which: Which; readonly result: T } {
  return (result) => ({ which, result });
}

/** Whether it ended, in whatever way, before the time was up or the signal was aborted. */
async function endsWithin(call: Promise<unknown>, ms: number, signal: AbortSignal): Promise<boolean> {
  const { promise: over, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  const end = (): void => resolve(true);
  call.then(end, end);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await over;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
