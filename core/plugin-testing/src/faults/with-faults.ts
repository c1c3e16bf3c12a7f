// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorOfFault, type Fault, type FaultPoint } from './fault.js';
import { intercept, type FaultTarget, type InterceptedCall, type Interceptor } from './intercept.js';

/**
 * Plants faults in a driver, launcher or storage: latency, errors of the operating system, a code at the n-th call, torn writes,
 * the sudden end of the process.
 *
 * @example
 * ```ts
 * withFaults(storage, [{ at: 'put.before', call: 2, errno: 'ENOSPC', afterBytes: 4096 }]);
 * ```
 */
export function withFaults<T extends FaultTarget>(target: T, faults: readonly Fault[]): T {
  return intercept(
    target,
    faultInterceptor('begin' in target, (at) => faults.filter((fault) => fault.at === at)),
  );
}

/** As {@link withFaults}, with faults from files `POINT.fault` (JSON) that are looked for at every call. */
export function withFaultsFrom<T extends FaultTarget>(target: T, directories: readonly string[]): T {
  return intercept(
    target,
    faultInterceptor('begin' in target, (at) => directories.flatMap((directory) => readFault(directory, at))),
  );
}

function readFault(directory: string, at: FaultPoint): Fault[] {
  try {
    return [{ ...(JSON.parse(readFileSync(join(directory, `${at}.fault`), 'utf8')) as Fault), at }];
  } catch {
    return [];
  }
}

function faultInterceptor(storage: boolean, faultsAt: (at: FaultPoint) => readonly Fault[]): Interceptor {
  const counts = new Map<FaultPoint, number>();
  /** Calls whose bytes a fault is to strike. */
  const struck = new WeakMap<InterceptedCall, Fault>();
  const strike = async (at: FaultPoint, call: InterceptedCall): Promise<void> => {
    const count = (counts.get(at) ?? 0) + 1;
    counts.set(at, count);
    const fault = faultsAt(at).find((planned) => (planned.call ?? count) === count);
    if (fault === undefined) return;
    if (fault.latencyMs !== undefined) await delay(fault.latencyMs, undefined, { signal: call.signal });
    if (fault.afterBytes === undefined) fail(fault, storage);
    else struck.set(call, fault);
  };
  return {
    before: (call) => strike(`${call.method}.before`, call),
    after: (call) => strike(`${call.method}.after`, call),
    async *bytes(call, data) {
      const fault = struck.get(call);
      if (fault?.afterBytes === undefined) {
        yield* data;
        return;
      }
      let left = fault.afterBytes;
      for await (const chunk of data) {
        if (chunk.length <= left) {
          yield chunk;
          left -= chunk.length;
          continue;
        }
        if (left > 0) yield chunk.subarray(0, left);
        fail(fault, storage);
        return;
      }
    },
    mayPass: (method) => faultsAt(`${method}.before`).every((fault) => fault.afterBytes === undefined),
  };
}

function fail(fault: Fault, storage: boolean): void {
  if (fault.kill === true) process.kill(process.pid, 'SIGKILL');
  const error = errorOfFault(fault, storage);
  if (error) throw error;
}
