// SPDX-License-Identifier: Apache-2.0

/** How long the driver may take to answer, in milliseconds; after that it is taken to be stuck. */
export interface CallLimits {
  /** Questions of any kind. The first may initialise the driver: seconds for each GPU where persistence mode is off. */
  readonly askMs: number;
  /** Beyond the timeout that the driver itself has for a lock. */
  readonly lockMs: number;
  /** Checkpoint and restore: they move the memory of all GPUs of the process. */
  readonly moveMs: number;
  readonly unlockMs: number;
}

export const DEFAULT_LIMITS: CallLimits = { askMs: 60_000, lockMs: 30_000, moveMs: 600_000, unlockMs: 60_000 };
