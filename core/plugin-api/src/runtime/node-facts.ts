// SPDX-License-Identifier: Apache-2.0

/** What a driver found out about its node. Plain facts, shown by `grit doctor` and compared before a restore. */
export interface NodeFacts {
  /** False when the driver cannot work here; `problems` say why. */
  readonly ready: boolean;
  readonly problems: readonly NodeProblem[];
  /** Names in kebab case: `kernel`, `arch`, `runc`, `criu`, `cgroup`. */
  readonly facts: Readonly<Record<string, string>>;
}

/** One thing that is missing or wrong on a node. */
export interface NodeProblem {
  readonly message: string;
  readonly hint: string;
}
