// SPDX-License-Identifier: Apache-2.0
import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  GritError,
  type ImageSource,
  type Json,
  type LocalPart,
  type PreparedRestore,
  type RestoreTarget,
  type RestoredWorkload,
  type TcpPolicy,
} from '@grit/plugin-api';
import { writeBundle } from '../container/bundle.js';
import { destroyContainer } from '../container/container-state.js';
import { awaitBeginning, settledBeginning, supervise } from '../container/supervisor.js';
import { ContainerCgroup } from '../cgroup/container-cgroup.js';
import { criuLogTail } from '../criu/criu-log.js';
import { writeCriuOptions } from '../criu/criu-options.js';
import { writeResumeFrozenScript } from '../criu/resume-frozen.js';
import type { ToolVersions } from '../criu/tool-versions.js';
import { planDevices, thawRestored, type PlannedDevices } from '../devices/restore-devices.js';
import { writeSealedJson } from '../files/sealed-json.js';
import type { NodeEnvironment } from '../node-environment.js';
import { shellWord } from '../process/shell-word.js';
import { Stopwatch } from '../process/stopwatch.js';
import { throwIfAborted } from '../process/wait-until.js';
import { makeScratch, mountRoot, removeRoot } from '../rootfs/overlay-root.js';
import { unpackRoot } from '../rootfs/root-diff.js';
import { checkDevices } from '../workload/check-devices.js';
import { checkMounts } from '../workload/check-spec.js';
import { removeWorkload } from '../workload/remove-workload.js';
import type { WorkloadDirectory } from '../workload/workload-directory.js';
import { newRecord, refOf, type WorkloadRecord } from '../workload/workload-record.js';
import { viewWorkload } from '../workload/workload-status.js';
import { readImageRecord } from './image-record.js';

/** What {@link restore} is told by {@link prepareRestore}. */
interface RestoreData {
  readonly tcp: TcpPolicy;
  readonly devices?: PlannedDevices | undefined;
}

/** See RuntimeDriver.prepareRestore. */
export async function prepareRestore(
  node: NodeEnvironment,
  source: ImageSource,
  target: RestoreTarget,
  versions: ToolVersions,
  signal: AbortSignal,
): Promise<PreparedRestore> {
  throwIfAborted(signal);
  const watch = new Stopwatch();
  const { directory, record: known, status } = await viewWorkload(node, target.workload);
  if (known?.restore?.id === target.restore && known.restore.prepared !== undefined) return known.restore.prepared;
  if (status.state === 'running' || status.state === 'held') {
    throw new GritError('GRIT_WORKLOAD_RUNNING', `workload ${target.workload.name} is ${status.state} on this node`);
  }
  const image = await readImageRecord(source, versions);
  const spec = { ...image.spec, name: target.workload.name };
  await checkMounts(spec, 'GRIT_RESTORE_INCOMPATIBLE');
  await checkDevices(spec, 'GRIT_RESTORE_INCOMPATIBLE');
  await removeWorkload(node, directory, known);
  const devices = await planDevices(node, image, spec, signal);
  const origin = { id: target.restore, checkpoint: source.checkpoint };
  const record = newRecord(node, spec, origin, devices?.extraBytes);
  watch.lap('check');
  try {
    await mkdir(directory.path, { recursive: true, mode: 0o700 });
    await writeSealedJson(directory.record, record);
    await applyFiles(node, directory, record, source, signal);
    watch.lap('apply');
    const prepared: PreparedRestore = {
      restore: target.restore,
      workload: refOf(spec),
      data: { tcp: target.tcp, ...(devices === undefined ? {} : { devices }) } satisfies RestoreData as unknown as Json,
      timings: watch.timings,
    };
    await writeSealedJson(directory.record, { ...record, restore: { ...origin, prepared } } satisfies WorkloadRecord);
    return prepared;
  } catch (error) {
    await removeWorkload(node, directory, record);
    throw error;
  }
}

/** Root, output and bundle, as they were at the dump. */
async function applyFiles(
  node: NodeEnvironment,
  directory: WorkloadDirectory,
  record: WorkloadRecord,
  source: ImageSource,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(directory.output, { recursive: true, mode: 0o755 });
  await copyFile(partOf(source, 'log').path, directory.log);
  // CRIU compares the mode with the one at the dump; parts are private, the log is not.
  await chmod(directory.log, 0o644);
  await makeScratch(node, directory, signal);
  await unpackRoot(node, partOf(source, 'rootfs.tar').path, directory.upper, signal);
  await mountRoot(node, directory, signal);
  await writeBundle(directory, record);
}

function partOf(source: ImageSource, name: string): LocalPart {
  const part = source.parts.find((candidate) => candidate.name === name);
  if (part !== undefined) return part;
  throw new GritError('GRIT_IMAGE_PART_MISSING', `part ${name} is not there`, { details: { part: name } });
}

/** See RuntimeDriver.restore. */
export async function restore(
  node: NodeEnvironment,
  prepared: PreparedRestore,
  source: ImageSource,
  signal: AbortSignal,
): Promise<RestoredWorkload> {
  throwIfAborted(signal);
  const watch = new Stopwatch();
  const { directory, record: known } = await viewWorkload(node, prepared.workload);
  if (known?.restore?.id !== prepared.restore) {
    throw new GritError('GRIT_RESTORE_FAILED', `restore ${prepared.restore} is not prepared on this node`);
  }
  let record = known;
  const { tcp, devices } = prepared.data as unknown as RestoreData;
  const done = async (): Promise<RestoredWorkload> => {
    const cgroup = await ContainerCgroup.open(record.cgroup);
    const limitBytes = record.spec.limits?.memoryBytes;
    await thawRestored(node, { cgroup, bundle: directory.bundle, limitBytes }, devices, watch, signal);
    const { status } = await viewWorkload(node, prepared.workload);
    watch.lap('restore');
    return { restore: prepared.restore, status, timings: watch.timings };
  };
  const orDestroy = async <T>(step: () => Promise<T>): Promise<T> => {
    try {
      return await step();
    } catch (error) {
      await destroyContainer(node, directory, record);
      throw error;
    }
  };
  if (known.restore.tried === true) {
    if ('pid' in (await settledBeginning(directory))) return orDestroy(done);
    record = await applyAgain(node, directory, known, source, signal);
    watch.lap('apply');
  }
  await writeSealedJson(directory.record, { ...record, restore: { ...known.restore, tried: true } });
  await orDestroy(async () => runRestore(node, directory, record, source, tcp, signal));
  return orDestroy(done);
}

/** A try that failed has changed the root; it is made anew. */
async function applyAgain(
  node: NodeEnvironment,
  directory: WorkloadDirectory,
  record: WorkloadRecord,
  source: ImageSource,
  signal: AbortSignal,
): Promise<WorkloadRecord> {
  await destroyContainer(node, directory, record);
  await removeRoot(node, directory);
  for (const path of [directory.exitFile, directory.supervisorPid, directory.runcLog, directory.restoreWork]) {
    await rm(path, { recursive: true, force: true });
  }
  const next = newRecord(node, record.spec, record.restore, record.extraMemoryBytes);
  await writeSealedJson(directory.record, next);
  await applyFiles(node, directory, next, source, signal);
  return next;
}

async function runRestore(
  node: NodeEnvironment,
  directory: WorkloadDirectory,
  record: WorkloadRecord,
  source: ImageSource,
  tcp: TcpPolicy,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(directory.restoreWork, { recursive: true, mode: 0o700 });
  const frozen = await writeResumeFrozenScript(directory.restoreWork, `group=${shellWord(record.cgroup)}`);
  await writeCriuOptions(node, directory, 'restore', tcp, frozen);
  throwIfAborted(signal);
  const paths = ['--image-path', join(source.directory, 'criu'), '--work-path', directory.restoreWork];
  const files = ['--bundle', directory.bundle, '--pid-file', directory.pidFile];
  await supervise(node, directory, ['restore', ...files, ...paths, record.container]);
  const beginning = await awaitBeginning(directory, signal);
  if ('pid' in beginning) return;
  const log = await criuLogTail(join(directory.restoreWork, 'restore.log'));
  throw new GritError('GRIT_RESTORE_FAILED', beginning.failure, { cause: log === '' ? undefined : new Error(log) });
}

/** See RuntimeDriver.abandonRestore. */
export async function abandonRestore(
  node: NodeEnvironment,
  { restore: id, workload }: Pick<PreparedRestore, 'restore' | 'workload'>,
): Promise<void> {
  const { directory, record } = await viewWorkload(node, workload);
  if (record?.restore?.id === id) await removeWorkload(node, directory, record);
}
