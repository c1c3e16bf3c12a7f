// SPDX-License-Identifier: Apache-2.0

/** Something that stands in the way of a checkpoint, or may. */
export interface PreflightFinding {
  /** A `blocker` refuses the checkpoint before anything is frozen; a `warning` is shown. */
  readonly severity: 'blocker' | 'warning';
  /** Kebab-case name of the reason: `io-uring`, `device`, `socket`. */
  readonly reason: string;
  readonly message: string;
  readonly hint: string;
  /** Pid as the host sees it. */
  readonly pid?: number | undefined;
  readonly fd?: number | undefined;
}

/** What preflight found. The checkpoint may start when there is no blocker. */
export interface PreflightReport {
  readonly findings: readonly PreflightFinding[];
  /** Memory that the dump will have to write, in bytes; an estimate. */
  readonly estimatedBytes: number;
}
