// SPDX-License-Identifier: Apache-2.0
import { constants, copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  GritError,
  type CheckpointOptions,
  type HeldCheckpoint,
  type ImageSink,
  type PartKind,
  type PartSource,
  type WorkloadRef,
} from '@grit/plugin-api';
import { ContainerCgroup } from '../cgroup/container-cgroup.js';
import { freezeSettled } from '../cgroup/freeze-settled.js';
import { deviceProcesses } from '../devices/device-processes.js';
import { quietFreeze } from '../devices/quiet-freeze.js';
import { resumeDevices } from '../devices/resume-devices.js';
import { writeSealedJson } from '../files/sealed-json.js';
import { unmountBelow } from '../files/unmount-below.js';
import type { NodeEnvironment } from '../node-environment.js';
import type { ToolVersions } from '../criu/tool-versions.js';
import type { StreamedPart } from '../page-server/page-receiver.js';
import { endTools, STRAY_PATIENCE_MS } from '../process/end-tools.js';
import { processFacts } from '../process/process-facts.js';
import { runTogether } from '../process/run-together.js';
import { Stopwatch } from '../process/stopwatch.js';
import { throwIfAborted } from '../process/wait-until.js';
import { packRoot } from '../rootfs/root-diff.js';
import { takeSealed, type HoldRecord } from '../workload/hold-record.js';
import type { WorkloadRecord } from '../workload/workload-record.js';
import { viewWorkload, type WorkloadView } from '../workload/workload-status.js';
import { writePackScript, unlinkedNames } from './link-remaps.js';
import { dumpContainer, type DumpRequest } from './dump-container.js';
import { toRuntimeRecord } from './image-record.js';
import { openPages } from './open-pages.js';

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
  const known = takeSealed(hold, sink);
  if (known !== undefined) return known;
  const draft = hold ?? (await newHold(view, record, sink, options.checkpoint));
  if (hold !== undefined) await clear(node, hold, sink);
  const cgroup = await ContainerCgroup.open(record.cgroup);
  if (hold?.devices !== undefined) {
    await cgroup.thaw();
    await resumeDevices(node.devices, hold, signal);
  }
  const begun: HoldRecord = {
    ...draft,
    directory: sink.directory,
    devices: undefined,
    raised: undefined,
    sealed: undefined,
  };
  await writeSealedJson(view.directory.hold, begun);
  options.onProgress?.({ phase: 'dump', doneBytes: 0 });
  throwIfAborted(signal);
  const pages = await openPages(node, sink, versions, signal);
  watch.lap('hold');

  let noted = begun;
  const { pids, devices, raised } = await quietFreeze(
    node.devices,
    {
      processes: async () => deviceProcesses(record.spec.name, await cgroup.pids()),
      note: async (plan) => {
        noted = { ...begun, ...plan };
        await writeSealedJson(view.directory.hold, noted);
      },
      freeze: async () => freezeSettled(cgroup, signal),
      thaw: async () => cgroup.thaw(),
      mayRaise: node.mayRaiseLimits,
    },
    watch,
    signal,
  );
  const unlinked = await unlinkedNames(pids);
  watch.lap('freeze');

  const { parts, streamed } = await dumpAll(node, view, record, { sink, options, unlinked, pages }, signal);
  if (!(await cgroup.isFrozen())) {
    throw new GritError('GRIT_DUMP_FAILED', 'the workload ran on after the dump', {
      hint: 'This CRIU cannot be used.',
    });
  }
  watch.lap('dump');

  const facts = { ...(await versions()) };
  const runtime = await toRuntimeRecord(record.spec, { parts, streamed, versions: facts, devices, raised });
  await sink.flush?.(signal);
  watch.lap('seal');
  const held: HeldCheckpoint = { hold: draft.hold, runtime, facts, timings: watch.timings };
  const sealed: HoldRecord = { ...noted, sealed: { held, parts } };
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
  const stopped = await stoppedOf(await (await ContainerCgroup.open(record.cgroup)).pids());
  return { hold: { id, workload: view.status.workload, since: Date.now() }, directory: sink.directory, stopped };
}

/** Those of the processes that a signal has stopped. */
export async function stoppedOf(pids: readonly number[]): Promise<readonly number[]> {
  const facts = await Promise.all(pids.map(processFacts));
  return facts.filter((fact) => fact?.state === 'T').map((fact) => fact?.pid ?? 0);
}

/** Removes what an interrupted dump has left, in its directory and in ours. */
async function clear(node: NodeEnvironment, hold: HoldRecord, sink: ImageSink): Promise<void> {
  await endTools(hold.directory, STRAY_PATIENCE_MS);
  await unmountBelow([join(hold.directory, 'work'), join(sink.directory, 'work')], node.env);
  for (const directory of new Set([hold.directory, sink.directory])) {
    for (const name of ['criu', 'work', 'rootfs.tar', 'log', 'config.json']) {
      await rm(join(directory, name), { recursive: true, force: true });
    }
  }
}

interface DumpJob {
  readonly sink: ImageSink;
  readonly options: CheckpointOptions;
  readonly unlinked: boolean;
  readonly pages: DumpRequest['pages'];
}

/** What a dump consists of. */
interface DumpedParts {
  /** Files; the sink has them. */
  readonly parts: readonly PartSource[];
  readonly streamed: readonly StreamedPart[];
}

/**
 * Pages, files and output are independent of each other, as nothing of the workload moves. Each is given to the sink as soon as it is
 * complete.
 */
async function dumpAll(
  node: NodeEnvironment,
  { directory }: WorkloadView,
  record: WorkloadRecord,
  { sink, options, unlinked, pages }: DumpJob,
  signal: AbortSignal,
): Promise<DumpedParts> {
  await mkdir(join(sink.directory, 'work'), { recursive: true, mode: 0o700 });
  const parts: PartSource[] = [];
  const add = (name: string, kind: PartKind): void => {
    const part = { name, kind, path: join(sink.directory, name) };
    sink.add(part);
    parts.push(part);
  };
  const tar = join(sink.directory, 'rootfs.tar');
  const script = unlinked
    ? await writePackScript(join(sink.directory, 'work'), [{ directory: directory.upper, tar }])
    : undefined;
  let streamed: readonly StreamedPart[] = [];
  const jobs = [
    async (both: AbortSignal): Promise<void> => {
      const target = { runcRoot: node.runcRoot, container: record.container, criuConfig: directory.criuConfig };
      streamed = await dumpContainer(node, target, { directory: sink.directory, script, options, pages }, both);
      if (script !== undefined) add('rootfs.tar', 'rootfs');
      for (const name of (await readdir(join(sink.directory, 'criu'))).sort()) {
        add(`criu/${name}`, name.startsWith('pages-') ? 'memory' : 'runtime');
      }
    },
    async (both: AbortSignal): Promise<void> => {
      if (script !== undefined) return;
      await packRoot(node, directory.upper, tar, both);
      add('rootfs.tar', 'rootfs');
    },
    async (): Promise<void> => {
      await copyFile(directory.log, join(sink.directory, 'log'), constants.COPYFILE_FICLONE);
      add('log', 'log');
      // For whoever restores the image with runc alone.
      await copyFile(join(directory.bundle, 'config.json'), join(sink.directory, 'config.json'));
      add('config.json', 'runtime');
    },
  ];
  await runTogether(jobs, signal);
  return { parts, streamed };
}
