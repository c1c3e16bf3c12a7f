// SPDX-License-Identifier: Apache-2.0
import { GritError, type SerializedGritError } from '@grit/plugin-api';
import type { Gpu, GpuProcess } from '../nvml/gpus.js';
import type { GpuPair } from './checkpoint-api.js';
import { CudaError } from './cuda-error.js';

/** What changes a process. */
export type Action =
  | { readonly call: 'lock'; readonly pid: number; readonly timeoutMs: number }
  | { readonly call: 'checkpoint'; readonly pid: number }
  | { readonly call: 'restore'; readonly pid: number; readonly pairs: readonly GpuPair[] }
  | { readonly call: 'unlock'; readonly pid: number };

/** What only asks. */
export type Question =
  | { readonly call: 'restoreThread' | 'state'; readonly pid: number }
  | { readonly call: 'begin' | 'apiVersion' | 'driverVersion' | 'gpus' | 'processes' };

export type ProxyRequest = Action | Question;

/** The answers. */
export interface ProxyReplies {
  readonly restoreThread: number | null;
  /** CUprocessState */
  readonly state: number;
  readonly apiVersion: number;
  readonly driverVersion: string;
  readonly gpus: readonly Gpu[];
  readonly processes: readonly GpuProcess[];
  readonly begin: null;
  readonly lock: null;
  readonly checkpoint: null;
  readonly restore: null;
  readonly unlock: null;
}

/** An error on its way out of the proxy. */
export type ProxyFailure =
  | { readonly cuda: { readonly result: number; readonly call: string; readonly pid: number } }
  | { readonly grit: SerializedGritError };

/** From the parent. */
export interface RequestMessage {
  readonly id: number;
  readonly request: ProxyRequest;
}

/** From the proxy: that it has begun, then one for each request. */
export type ProxyMessage =
  | { readonly ready: true }
  | { readonly id: number; readonly value: ProxyReplies[keyof ProxyReplies] }
  | { readonly id: number; readonly failure: ProxyFailure };

export function toFailure(error: unknown): ProxyFailure {
  if (error instanceof CudaError) return { cuda: { result: error.result, call: error.call, pid: error.pid } };
  if (error instanceof GritError) return { grit: error.toJSON() };
  return { grit: new GritError('GRIT_DEVICE_FAILED', (error as Error).message, { cause: error }).toJSON() };
}

export function fromFailure(failure: ProxyFailure): CudaError | GritError {
  if ('grit' in failure) return GritError.fromJSON(failure.grit);
  return new CudaError(failure.cuda.result, failure.cuda.call, failure.cuda.pid);
}
