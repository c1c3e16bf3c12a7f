// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Packer, knownPacks } from '@grit/image';
import {
  GritError,
  type ContainerChoice,
  type HeldCheckpoint,
  type Json,
  type PreflightReport,
  type TcpPolicy,
  type WorkloadRef,
} from '@grit/plugin-api';
import { askStorage } from '../ask-storage.js';
import { DumpSink, type Packing } from '../dump-sink.js';
import { openKnownImages } from '../known-images.js';
import { openPackPlace } from '../pack-place.js';
import { readSealed, writeSealed } from '../sealed-file.js';
import { storageOf, type StepContext, type StepHandler } from '../step-context.js';
import { Stopwatch } from '../stopwatch.js';

/** A finished dump on this node's disk; what it consists of is in `packed.json` beside it. */
export interface SealedDump {
  readonly workload: WorkloadRef;
  readonly held: HeldCheckpoint;
  readonly createdAt: number;
  readonly timings: Json;
}

interface DumpInput {
  readonly workload: WorkloadRef;
  readonly checkpoint: string;
  /** Where the image is to go. */
  readonly storage: string;
  /** Checkpoints in the same storage whose chunks need not be written again, the likeliest first. */
  readonly known: readonly string[];
  readonly tcp: TcpPolicy;
  readonly containers?: ContainerChoice | undefined;
}

/** Looks for reasons against, then freezes, dumps and packs. The workload stays frozen. */
export const dump: StepHandler<DumpInput> = async (input, context) => {
  const { workload, checkpoint, tcp, containers } = input;
  const directory = context.directories.dump(checkpoint);
  const record = join(directory, 'dump.json');
  const sealed = await readSealed<SealedDump>(record);
  if (sealed !== undefined) return { timings: sealed.timings };

  const watch = new Stopwatch();
  const again = (await context.driver.holds(context.signal)).some((hold) => hold.id === checkpoint);
  // A dump that was interrupted holds the workload already: what preflight would complain of.
  if (!again) refuseBlockers(await context.driver.preflight(workload, { tcp, containers }, context.signal));
  watch.lap('preflight');

  if (!again) await rm(directory, { recursive: true, force: true });
  await mkdir(join(directory, 'image'), { recursive: true, mode: 0o700 });
  const sink = await DumpSink.open(directory, () => beginPacking(input, directory, context));
  watch.lap('open');
  try {
    const options = { checkpoint, tcp, containers, onProgress: context.onProgress };
    const held = await context.driver.checkpoint(workload, sink, options, context.signal);
    watch.lap('seal', held.timings);
    // A driver that knows nothing of it has not flushed.
    if (!sink.isFlushed) {
      await sink.flush(context.signal);
      watch.lap('pack');
    }
    const timings = watch.timings as unknown as Json;
    await writeSealed(record, { workload, held, createdAt: Date.now(), timings } satisfies SealedDump);
    return { timings };
  } catch (error) {
    await sink.discard();
    throw await askStorage(error, storageOf(context, input.storage), context.signal);
  }
};

/** Begins the image in the store, or goes on with it, before anything is frozen. */
async function beginPacking(input: DumpInput, directory: string, context: StepContext): Promise<Packing> {
  const storage = storageOf(context, input.storage);
  const place = await openPackPlace(storage, input.checkpoint, directory, context.signal);
  try {
    const images = await openKnownImages(storage, input.known, context);
    const known = await knownPacks(place.writer, images, context.signal, { keys: storage.keys });
    const { limits } = context.dataPlane;
    const { signal } = context;
    const { keys } = storage;
    const options = { directory: place.directory, known, limits, keys, warm: true, readBack: true, signal };
    return { packer: await Packer.open(options), place };
  } catch (error) {
    await place.writer.abort(new AbortController().signal).catch(() => undefined);
    throw await askStorage(error, storage, context.signal);
  }
}

function refuseBlockers(report: PreflightReport): void {
  const blockers = report.findings.filter((finding) => finding.severity === 'blocker');
  const [first] = blockers;
  if (first === undefined) return;
  const message = blockers.map(({ message: text, pid, fd }) => {
    const where = [pid === undefined ? '' : `pid ${pid}`, fd === undefined ? '' : `fd ${fd}`]
      .filter(Boolean)
      .join(', ');
    return where === '' ? text : `${text} (${where})`;
  });
  throw new GritError('GRIT_WORKLOAD_UNCHECKPOINTABLE', message.join('; '), {
    hint: first.hint,
    details: { findings: blockers as unknown as Json },
  });
}
