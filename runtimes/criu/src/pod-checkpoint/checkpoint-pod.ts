// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  GritError,
  type CheckpointOptions,
  type ContainerChoice,
  type HeldCheckpoint,
  type ImageSink,
  type JsonObject,
  type RuntimeRecord,
  type WorkloadRef,
} from '@grit/plugin-api';
import type { ToolVersions } from '../criu/tool-versions.js';
import { quietFreeze } from '../devices/quiet-freeze.js';
import { resumeDevices } from '../devices/resume-devices.js';
import { stoppedOf } from '../driver/checkpoint.js';
import { DRIVER_ID, sizesOf } from '../driver/image-record.js';
import { openPages } from '../driver/open-pages.js';
import { unmountBelow } from '../files/unmount-below.js';
import { POD_RECORD_VERSION, type PodRecord } from '../pod/pod-image.js';
import { findPod } from '../pod/pod-view.js';
import { podOf } from '../pod/pod-of.js';
import { endTools, STRAY_PATIENCE_MS } from '../process/end-tools.js';
import { processFacts } from '../process/process-facts.js';
import { Stopwatch } from '../process/stopwatch.js';
import { throwIfAborted } from '../process/wait-until.js';
import { takeSealed } from '../workload/hold-record.js';
import { dumpPod, placeOf, type DumpedPod } from './dump-pod.js';
import { planPacks, SHM_PART } from './pack-plan.js';
import { freezePod, thawPod } from './pod-freezer.js';
import { cgroupsOf, dumpedOf, type HeldContainer, type PodHold } from './pod-hold.js';
import type { PodPlaces } from './pod-places.js';
import { quell, quellable } from './quell.js';
import { tcpOfPod } from './tcp-of-pod.js';
import { podToDump, processesOf, type PodToDump } from './pod-to-dump.js';

/** See RuntimeDriver.checkpoint. */
export async function checkpointPod(
  { node, client, holds }: PodPlaces,
  workload: WorkloadRef,
  sink: ImageSink,
  options: CheckpointOptions,
  versions: () => Promise<ToolVersions>,
  signal: AbortSignal,
): Promise<HeldCheckpoint> {
  throwIfAborted(signal);
  const watch = new Stopwatch();
  const { uid } = podOf(workload);
  const view = await findPod(client, workload, signal);
  const pod = await podToDump(client, view, node.config.kubeletDirectory, options.containers, signal);
  const before = await holds.read(uid);
  if (before !== undefined && before.hold.id !== options.checkpoint) throw heldFor(before);
  const known = takeSealed(before, sink);
  if (known !== undefined) return known;
  const fresh = await newHold(workload, pod, sink, options.checkpoint);
  // What was stopped before is known only from the first time.
  const draft = before === undefined ? fresh : { ...fresh, hold: before.hold, stopped: before.stopped };
  if (before !== undefined) await clear(node, before, sink);
  if (before?.devices !== undefined) {
    await thawPod(await cgroupsOf(before.containers));
    await resumeDevices(node.devices, before, signal);
  }
  let noted: PodHold = {
    ...draft,
    directory: sink.directory,
    devices: undefined,
    raised: undefined,
    sealed: undefined,
  };
  await holds.write(uid, noted);
  options.onProgress?.({ phase: 'dump', doneBytes: 0 });
  throwIfAborted(signal);
  const pages = await openPages(node, sink, versions, signal);
  watch.lap('hold');

  const groups = pod.containers.map(({ cgroup }) => cgroup);
  const inits = pod.containers.map(({ container }) => container.pid);
  const besides = pod.besides.map(({ cgroup }) => cgroup);
  let pids: readonly (readonly number[])[] = [];
  const { devices, raised } = await quietFreeze(
    node.devices,
    {
      processes: async () => processesOf(pod.containers),
      note: async (plan) => {
        noted = { ...noted, ...plan };
        await holds.write(uid, noted);
      },
      freeze: async () => {
        pids = await freezePod(groups, inits, besides, signal);
        return pids.flat();
      },
      thaw: async () => thawPod([...groups, ...besides]),
      mayRaise: node.mayRaiseLimits,
    },
    watch,
    signal,
  );
  const plan = await planPacks(pod, pids, (part) => join(sink.directory, part));
  watch.lap('freeze');

  const work = holds.directoryOf(uid);
  const tcp = await tcpOfPod(inits[0] ?? 0, options.tcp);
  const job = { containers: pod.containers, plan, sink, options: { ...options, tcp }, pages, work };
  const dumped = await dumpPod(node, job, signal);
  for (const { container, cgroup } of pod.containers) {
    if (await cgroup.isFrozen()) continue;
    throw new GritError('GRIT_DUMP_FAILED', `container ${container.name} ran on after the dump`, {
      hint: 'This CRIU cannot be used.',
    });
  }
  // What the containers share is packed: those that are no part of the work go on.
  await Promise.all(besides.map(async (group) => group.thaw()));
  watch.lap('dump');

  const facts = { ...(await versions()) };
  const runtime = await toPodRecord(pod, dumped, { tcp, choice: options.containers, devices, raised }, facts);
  await sink.flush?.(signal);
  watch.lap('seal');
  const held: HeldCheckpoint = { hold: draft.hold, runtime, facts, timings: watch.timings };
  const quelled = await quellable(pids.flat(), draft);
  await holds.write(uid, { ...noted, quelled, sealed: { held, parts: dumped.parts } });
  quell(quelled);
  return held;
}

export function heldFor({ hold }: PodHold): GritError {
  return new GritError('GRIT_WORKLOAD_HELD', `pod ${hold.workload.name} is held for checkpoint ${hold.id}`);
}

async function newHold(
  { kind, namespace, name, uid }: WorkloadRef,
  { containers, besides }: PodToDump,
  sink: ImageSink,
  id: string,
): Promise<PodHold> {
  const pids = await Promise.all(containers.map(async ({ cgroup }) => cgroup.pids()));
  return {
    hold: { id, workload: { kind, namespace, name, uid }, since: Date.now() },
    directory: sink.directory,
    stopped: await stoppedOf(pids.flat()),
    containers: [
      ...(await Promise.all(containers.map(toHeld))),
      ...(await Promise.all(besides.map(async (one) => ({ ...(await toHeld(one)), leftOut: true })))),
    ],
  };
}

async function toHeld({ container, cgroup }: PodToDump['besides'][number]): Promise<HeldContainer> {
  const { name, pid } = container;
  const facts = await processFacts(pid);
  if (facts === undefined) throw new GritError('GRIT_WORKLOAD_NOT_RUNNING', `container ${name} has ended`);
  return { name, pid, cgroup: cgroup.path, startTime: facts.startTime };
}

/** Ends what an interrupted dump has left at work, and what is mounted for it. */
export async function endDump({ node }: Pick<PodPlaces, 'node'>, hold: PodHold, patienceMs: number): Promise<void> {
  await endTools(hold.directory, patienceMs);
  const works = dumpedOf(hold).map(({ name }) => join(placeOf(hold, name), 'work'));
  await unmountBelow(works, node.env);
}

/** Removes what an interrupted dump has left, in its directory and in ours. */
async function clear(node: PodPlaces['node'], hold: PodHold, sink: ImageSink): Promise<void> {
  await endDump({ node }, hold, STRAY_PATIENCE_MS);
  for (const directory of new Set([hold.directory, sink.directory])) {
    for (const name of ['containers', 'volumes', SHM_PART]) {
      await rm(join(directory, name), { recursive: true, force: true });
    }
  }
}

/** How it was dumped. */
interface RecordChoices extends Pick<PodRecord, 'tcp' | 'devices' | 'raised'> {
  readonly choice: ContainerChoice | undefined;
}

async function toPodRecord(
  { view, containers, leftOut, finished, volumes, shm }: PodToDump,
  { parts, streamed }: DumpedPod,
  { tcp, choice, devices, raised }: RecordChoices,
  versions: ToolVersions,
): Promise<RuntimeRecord> {
  const record: PodRecord = {
    pod: view.pod,
    hostname: view.sandbox?.spec.hostname ?? '',
    containers: containers.map(({ container, sidecar }) => ({
      name: container.name,
      sidecar,
      mounts: (container.spec.mounts ?? []).map(({ destination }) => destination),
    })),
    leftOut,
    finished,
    othersLeftOut: choice?.include !== undefined,
    volumes: volumes.map(({ name }) => ({ name })),
    shm: shm !== undefined,
    tcp,
    sizes: await sizesOf(parts, streamed),
    versions,
    devices,
    raised,
  };
  return { driver: DRIVER_ID, version: POD_RECORD_VERSION, data: JSON.parse(JSON.stringify(record)) as JsonObject };
}
