// SPDX-License-Identifier: Apache-2.0
import { ERRORS, GritError, isErrorCode, isGritError, isSerializedGritError, toGritError } from '@grit/plugin-api';

export function queueUnavailable(cause?: unknown): GritError {
  return new GritError('GRIT_QUEUE_UNAVAILABLE', 'the queue (Redis) does not answer', { cause });
}

export function jobNotFound(route: string, id: string): GritError {
  return new GritError('GRIT_JOB_NOT_FOUND', `${route} has no job ${id}`);
}

export function jobCancelled(reason: string): GritError {
  return new GritError('GRIT_OPERATION_CANCELLED', reason === '' ? 'the job was cancelled' : reason);
}

/** Why a running handler is aborted at the deadline of a drain; its job is delivered again. */
export function consumerClosing(): GritError {
  return new GritError('GRIT_ABORTED', 'the consumer of the job shuts down', { retryable: true });
}

export function lockLost(): GritError {
  return new GritError('GRIT_STEP_FENCED', 'the lock of the job was lost: another consumer may have it now');
}

/** What is written for a handler that threw: a bare abort stands for the reason of the abort. */
export function failureOf(thrown: unknown, signal: AbortSignal): GritError {
  const error = toGritError(thrown);
  return signal.aborted && error.code === 'GRIT_ABORTED' && isGritError(signal.reason) ? signal.reason : error;
}

/** True for the error of a job that was given up on demand. */
export function isCancellation(code: string): boolean {
  return isErrorCode(code) && ERRORS[code].kind === 'cancelled';
}

/** The error as BullMQ's `failedReason`, where plain producers read it too. */
export function encodeFailure(error: GritError): string {
  return JSON.stringify(error);
}

export function decodeFailure(failedReason: string): GritError {
  if (failedReason.startsWith('{')) {
    try {
      const json: unknown = JSON.parse(failedReason);
      if (isSerializedGritError(json)) return GritError.fromJSON(json);
    } catch {
      // Not ours: the text itself is the message.
    }
  }
  // BullMQ's own words for a job whose consumers died under it too often.
  const stalled = failedReason.includes('stalled more than');
  return new GritError('GRIT_INTERNAL', stalled ? `the consumers of the job died: ${failedReason}` : failedReason);
}
