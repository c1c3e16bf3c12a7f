// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { PreparedRestore, WorkloadRef, WorkloadSpec } from '@grit/plugin-api';
import type { NodeEnvironment } from '../node-environment.js';

/** What is kept of a workload for its whole life; written before anything of it exists. */
export interface WorkloadRecord {
  readonly spec: WorkloadSpec;
  /** Name of the container; never used twice. */
  readonly container: string;
  readonly cgroup: string;
  /** Added to its memory limit until its devices have their state back, in bytes. */
  readonly extraMemoryBytes?: number | undefined;
  /** Where it came from, for a restored one. */
  readonly restore?: RestoreOrigin | undefined;
}

/** The restore that makes or made this copy. */
export interface RestoreOrigin {
  readonly id: string;
  readonly checkpoint: string;
  /** Set when everything is prepared. */
  readonly prepared?: PreparedRestore | undefined;
  /** Set when processes may have existed: their root is not as prepared any more. */
  readonly tried?: boolean | undefined;
}

/** A record for a new container. */
export function newRecord(
  node: NodeEnvironment,
  spec: WorkloadSpec,
  restore?: RestoreOrigin,
  extraMemoryBytes?: number,
): WorkloadRecord {
  const container = `grit-${node.hash}-${spec.name}-${randomBytes(3).toString('hex')}`;
  const more = extraMemoryBytes === undefined ? {} : { extraMemoryBytes };
  return { spec, container, cgroup: `/${container}`, ...(restore === undefined ? {} : { restore }), ...more };
}

export function refOf(spec: WorkloadSpec): WorkloadRef {
  return { kind: 'container', name: spec.name };
}

/** True when both ask for the same; a record has been through JSON, which drops undefined. */
export function isSameSpec(a: WorkloadSpec, b: WorkloadSpec): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
}
