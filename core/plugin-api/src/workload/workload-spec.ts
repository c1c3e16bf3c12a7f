// SPDX-License-Identifier: Apache-2.0

/** What `grit run` starts: a command in a container whose root is an overlay of the host's root. */
export interface WorkloadSpec {
  readonly name: string;
  /** The command; the first entry is looked up in the container's PATH. At least one entry. */
  readonly command: readonly string[];
  /** Added to a small default environment (PATH, HOME, TERM). */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Working directory in the container; default `/`. */
  readonly workingDirectory?: string | undefined;
  readonly mounts?: readonly WorkloadMount[] | undefined;
  readonly limits?: WorkloadLimits | undefined;
}

/** A directory or file of the host, bound into the container. Its content is not part of a checkpoint. */
export interface WorkloadMount {
  /** Absolute path on the host. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly destination: string;
  readonly readOnly?: boolean | undefined;
}

/** Limits of the container. */
export interface WorkloadLimits {
  readonly memoryBytes?: number | undefined;
  /** Number of CPUs, fractions allowed. */
  readonly cpus?: number | undefined;
  readonly pids?: number | undefined;
}
