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
  readonly devices?: readonly WorkloadDevice[] | undefined;
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

/**
 * A character or block device of the host that the container may use. What the device knows is not part of a checkpoint, unless a device driver
 * carries it; a restored workload gets the device of its node that has the same path.
 */
export interface WorkloadDevice {
  /** Absolute path of the device node on the host. */
  readonly source: string;
  /** Path in the container, below /dev. */
  readonly destination: string;
}

/** Limits of the container. */
export interface WorkloadLimits {
  readonly memoryBytes?: number | undefined;
  /** Number of CPUs, fractions allowed. */
  readonly cpus?: number | undefined;
  readonly pids?: number | undefined;
}
