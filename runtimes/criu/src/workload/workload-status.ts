// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import { GritError, checkName, type WorkloadRef, type WorkloadStatus } from '@grit/plugin-api';
import { livingPid } from '../container/container-state.js';
import { readSealedJson, readTextIfThere } from '../files/sealed-json.js';
import type { NodeEnvironment } from '../node-environment.js';
import { isAlive } from '../process/process-facts.js';
import { waitUntil } from '../process/wait-until.js';
import type { HoldRecord } from './hold-record.js';
import type { WorkloadDirectory } from './workload-directory.js';
import { refOf, type WorkloadRecord } from './workload-record.js';

/** Between the end of the first process and the exit code there is one runc clean-up. */
const EXIT_LIMIT_MS = 5_000;

/** Everything that is known of a workload now. */
export interface WorkloadView {
  readonly directory: WorkloadDirectory;
  readonly status: WorkloadStatus;
  readonly record?: WorkloadRecord | undefined;
  readonly hold?: HoldRecord | undefined;
}

/** Looks at disk and kernel. */
export async function viewWorkload(node: NodeEnvironment, ref: WorkloadRef): Promise<WorkloadView> {
  if (ref.kind !== 'container') {
    throw new GritError('GRIT_REQUEST_INVALID', `this runtime has no workloads of kind ${ref.kind}`);
  }
  const directory = node.workload(checkName(ref.name, 'workload.name'));
  const [record, hold] = await Promise.all([
    readSealedJson<WorkloadRecord>(directory.record),
    readSealedJson<HoldRecord>(directory.hold),
  ]);
  if (record === undefined) return { directory, status: { workload: ref, state: 'missing' } };
  return { directory, record, hold, status: await statusOf(node, directory, record, hold !== undefined) };
}

async function statusOf(
  node: NodeEnvironment,
  directory: WorkloadDirectory,
  record: WorkloadRecord,
  held: boolean,
): Promise<WorkloadStatus> {
  const workload = refOf(record.spec);
  const began = await stat(directory.pidFile).catch(() => undefined);
  if (began === undefined) return { workload, state: 'missing' };
  const known = {
    workload,
    startedAt: Math.trunc(began.mtimeMs),
    logPath: directory.log,
    ...(record.restore === undefined ? {} : { restoredFrom: record.restore.checkpoint }),
  };
  const pid = await livingPid(node, record);
  if (pid !== undefined) return { ...known, state: held ? 'held' : 'running', pid };
  const end = await exitOf(directory);
  return { ...known, state: 'exited', ...end };
}

/** Unknown when somebody killed the supervisor. */
async function exitOf(directory: WorkloadDirectory): Promise<Pick<WorkloadStatus, 'exitCode' | 'finishedAt'>> {
  const read = async (): Promise<Pick<WorkloadStatus, 'exitCode' | 'finishedAt'> | undefined> => {
    const text = await readTextIfThere(directory.exitFile);
    if (text === undefined) return undefined;
    return { exitCode: Number(text), finishedAt: Math.trunc((await stat(directory.exitFile)).mtimeMs) };
  };
  const found = await waitUntil(
    async () => {
      const exit = await read();
      if (exit !== undefined) return exit;
      const supervisor = await readTextIfThere(directory.supervisorPid);
      if (supervisor !== undefined && (await isAlive(Number(supervisor)))) return undefined;
      return (await read()) ?? {};
    },
    { limitMs: EXIT_LIMIT_MS },
  );
  return found ?? {};
}
