// SPDX-License-Identifier: Apache-2.0

/** How far a long call is. Called at most a few times a second; a listener must not throw and must not block. */
export type ProgressListener = (progress: Progress) => void;

/** Progress of one step, in bytes. */
export interface Progress {
  /** What is being done, in the field's words: dump, diff, store, fetch, verify. */
  readonly phase: string;
  readonly doneBytes: number;
  /** Missing while the total is not known. */
  readonly totalBytes?: number | undefined;
}

/** The time that one phase took. The phases of a call do not overlap and sum to its total. */
export interface Timing {
  readonly phase: string;
  /** Milliseconds. */
  readonly ms: number;
}
