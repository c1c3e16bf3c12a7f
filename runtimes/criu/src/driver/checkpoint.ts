// SPDX-License-Identifier: Apache-2.0
import { constants, copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  GritError,
  type CheckpointOptions,
  type HeldCheckpoint,
  type ImageSink,
  type PartSource,
  type WorkloadRef,
} from '@grit/plugin-api';
import { ContainerCgroup } from '../cgroup/container-cgroup.js';
import { freezeSettled } from '../cgroup/freeze-settled.js';
import { writeSealedJson } from '../files/sealed-json.js';
import { unmountBelow } from '../files/unmount-below.js';
import type { NodeEnvironment } from '../node-environment.js';
import type { ToolVersions } from '../criu/tool-versions.js';
import { endTools } from '../process/end-tools.js';
import { processFacts } from '../process/process-facts.js';
import { Stopwatch } from '../process/stopwatch.js';
import { throwIfAborted } from '../process/wait-until.js';
import { packRoot } from '../rootfs/root-diff.js';
import type { HoldRecord } from '../workload/hold-record.js';
import type { WorkloadRecord } from '../workload/workload-record.js';
import { viewWorkload, type WorkloadView } from '../workload/workload-status.js';
import { writePackScript, unlinkedNames } from './link-remaps.js';
import { dumpContainer } from './dump-container.js';
import { toRuntimeRecord } from './image-record.js';

/** How long a dump that a killed agent left behind may go on by itself: ending it by force is the worse choice. */
const STRAY_PATIENCE_MS = 30_000;

/** See RuntimeDriver.checkpoint. */
export async function checkpoint(
  node: NodeEnvironment,
  workload: WorkloadRef,
  sink: ImageSink,
  options: CheckpointOptions,
  versions: () => Promise<ToolVersions>,
  signal: AbortSignal,
): Promise<HeldCheckpoint> {
  throwIfAborted(signal);
  const watch = new Stopwatch();
  const view = await viewWorkload(node, workload);
  const record = dumpable(view, workload, options.checkpoint);
  const { hold } = view;
  if (hold?.sealed !== undefined && hold.directory === sink.directory) {
    for (const part of hold.sealed.parts) sink.add(part);
    return hold.sealed.held;
  }
  const draft = hold ?? (await newHold(view, record, sink, options.checkpoint));
  if (hold !== undefined) await clear(node, hold, sink);
  await writeSealedJson(view.directory.hold, { ...draft, directory: sink.directory, sealed: undefined });
  options.onProgress?.({ phase: 'dump', doneBytes: 0 });
  throwIfAborted(signal);
  watch.lap('hold');

  const cgroup = await ContainerCgroup.open(record.cgroup);
  const pids = await freezeSettled(cgroup, signal);
  const unlinked = await unlinkedNames(pids);
  watch.lap('freeze');

  await dumpAll(node, view, record, { sink, options, unlinked }, signal);
  if (!(await cgroup.isFrozen())) {
    throw new GritError('GRIT_DUMP_FAILED', 'the workload ran on after the dump', {
      hint: 'This CRIU cannot be used.',
    });
  }
  watch.lap('dump');

  const parts = await partsOf(sink.directory);
  const facts = { ...(await versions()) };
  const runtime = await toRuntimeRecord(record.spec, parts, facts);
  for (const part of parts) sink.add(part);
  watch.lap('seal');
  const held: HeldCheckpoint = { hold: draft.hold, runtime, facts, timings: watch.timings };
  const sealed: HoldRecord = { ...draft, directory: sink.directory, sealed: { held, parts } };
  await writeSealedJson(view.directory.hold, sealed);
  return held;
}

function dumpable(view: WorkloadView, workload: WorkloadRef, checkpointId: string): WorkloadRecord {
  const { record, status, hold } = view;
  if (record === undefined || status.state === 'missing') {
    throw new GritError('GRIT_WORKLOAD_NOT_FOUND', `this node has no workload ${workload.name}`);
  }
  if (status.state === 'exited') {
    throw new GritError('GRIT_WORKLOAD_NOT_RUNNING', `workload ${workload.name} has ended`);
  }
  if (hold !== undefined && hold.hold.id !== checkpointId) {
    throw new GritError('GRIT_WORKLOAD_HELD', `workload ${workload.name} is held for checkpoint ${hold.hold.id}`);
  }
  return record;
}

async function newHold(view: WorkloadView, record: WorkloadRecord, sink: ImageSink, id: string): Promise<HoldRecord> {
  const pids = await (await ContainerCgroup.open(record.cgroup)).pids();
  const facts = await Promise.all(pids.map(processFacts));
  const stopped = facts.filter((fact) => fact?.state === 'T').map((fact) => fact?.pid ?? 0);
  return { hold: { id, workload: view.status.workload, since: Date.now() }, directory: sink.directory, stopped };
}

/** Removes what an interrupted dump has left, in its directory and in ours. */
async function clear(node: NodeEnvironment, hold: HoldRecord, sink: ImageSink): Promise<void> {
  await endTools(hold.directory, STRAY_PATIENCE_MS);
  await unmountBelow([join(hold.directory, 'work'), join(sink.directory, 'work')], node.env);
  for (const directory of new Set([hold.directory, sink.directory])) {
    for (const name of ['criu', 'work', 'rootfs.tar', 'log']) {
      await rm(join(directory, name), { recursive: true, force: true });
    }
  }
}

interface DumpJob {
  readonly sink: ImageSink;
  readonly options: CheckpointOptions;
  readonly unlinked: boolean;
}

/** Pages, files and output are independent of each other, as nothing of the workload moves. */
async function dumpAll(
  node: NodeEnvironment,
  { directory }: WorkloadView,
  record: WorkloadRecord,
  { sink, options, unlinked }: DumpJob,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(join(sink.directory, 'work'), { recursive: true, mode: 0o700 });
  const tar = join(sink.directory, 'rootfs.tar');
  const failed = new AbortController();
  const both = AbortSignal.any([signal, failed.signal]);
  const script = unlinked ? await writePackScript(join(sink.directory, 'work'), directory.upper, tar) : undefined;
  const jobs = [
    dumpContainer(node, directory, record, { directory: sink.directory, script, options }, both),
    script === undefined ? packRoot(node, directory.upper, tar, both) : Promise.resolve(),
    copyFile(directory.log, join(sink.directory, 'log'), constants.COPYFILE_FICLONE),
  ];
  for (const job of jobs) job.catch(() => failed.abort());
  const outcomes = await Promise.allSettled(jobs);
  throwIfAborted(signal);
  const errors = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as Error);
  const first = errors.find((error) => (error as Partial<GritError>).code !== 'GRIT_ABORTED') ?? errors[0];
  if (first !== undefined) throw first;
}

async function partsOf(directory: string): Promise<readonly PartSource[]> {
  const images = (await readdir(join(directory, 'criu'))).sort();
  const criu = images.map((name): PartSource => {
    const kind = name.startsWith('pages-') ? 'memory' : 'runtime';
    return { name: `criu/${name}`, kind, path: join(directory, 'criu', name) };
  });
  const tar: PartSource = { name: 'rootfs.tar', kind: 'rootfs', path: join(directory, 'rootfs.tar') };
  const log: PartSource = { name: 'log', kind: 'log', path: join(directory, 'log') };
  await Promise.all([tar, log].map(async ({ path }) => stat(path)));
  return [...criu, tar, log];
}
