// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterError } from './cluster-error.js';
import { identifyProcess, isAlive, type ProcessIdentity } from './process-identity.js';

/** What a cluster has outside its directory, written down before any of it is made: whoever cleans up needs nothing else. */
export interface ClusterRecord {
  readonly name: string;
  readonly directory: string;
  /** Undefined: nobody's; it lives until it is taken down. */
  readonly owner?: ProcessIdentity;
  /** The bridge of the host that the nodes hang on. */
  readonly bridge?: string;
  readonly nodes: readonly NodeRecord[];
}

interface NodeRecord {
  readonly name: string;
  /** Network namespace, as `ip netns` names it. */
  readonly netns: string;
  /** Below every hierarchy of cgroups; starts with a slash. */
  readonly cgroup: string;
}

const FILE = 'cluster.json';

/** Where the clusters of this user are. */
export function clustersDirectory(): string {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? '/run/grit-cluster' : join(tmpdir(), `grit-cluster-${uid}`);
}

/** Claims the name for a new cluster; throws ClusterError where there is one. */
export function claimCluster(name: string, detached: boolean): ClusterRecord {
  if (!/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) {
    throw new ClusterError(`${name}: the name of a cluster is at most 32 of a-z, 0-9 and -`);
  }
  const directory = join(clustersDirectory(), name);
  mkdirSync(clustersDirectory(), { recursive: true, mode: 0o700 });
  const owner = detached ? undefined : identifyProcess(process.pid);
  const record = { name, directory, ...(owner !== undefined && { owner }), nodes: [] };
  // The directory appears with its record in it: a sweep in between would otherwise take it for a remnant.
  const draft = join(clustersDirectory(), `.new-${process.pid}-${name}`);
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  writeRecord(record, draft);
  try {
    renameSync(draft, directory);
  } catch (cause) {
    throw new ClusterError(`there is a cluster ${name} already`, { cause });
  }
  return record;
}

export function writeRecord(record: ClusterRecord, directory = record.directory): void {
  const file = join(directory, FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** Undefined when there is no such cluster. */
export function readRecord(name: string): ClusterRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(clustersDirectory(), name, FILE), 'utf8')) as ClusterRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function listRecords(): ClusterRecord[] {
  if (!existsSync(clustersDirectory())) return [];
  return readdirSync(clustersDirectory())
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => readRecord(name) ?? []);
}

/** Whether the process that wanted it is gone. */
export function isAbandoned(record: ClusterRecord): boolean {
  return record.owner !== undefined && !isAlive(record.owner);
}
