// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  GritError,
  checkPartName,
  type HeldCheckpoint,
  type Json,
  type PartSource,
  type PreflightReport,
  type TcpPolicy,
  type WorkloadRef,
} from '@grit/plugin-api';
import { readSealed, writeSealed } from '../sealed-file.js';
import type { StepHandler } from '../step-context.js';
import { Stopwatch } from '../stopwatch.js';

/** A finished dump on this node's disk. */
export interface SealedDump {
  readonly workload: WorkloadRef;
  readonly held: HeldCheckpoint;
  readonly parts: readonly PartSource[];
  readonly createdAt: number;
  readonly timings: Json;
}

/** Looks for reasons against, then freezes and dumps. The workload stays frozen. */
export const dump: StepHandler<{
  readonly workload: WorkloadRef;
  readonly checkpoint: string;
  readonly tcp: TcpPolicy;
}> = async ({ workload, checkpoint, tcp }, context) => {
  const directory = context.directories.dump(checkpoint);
  const record = join(directory, 'dump.json');
  const sealed = await readSealed<SealedDump>(record);
  if (sealed !== undefined) return { timings: sealed.timings };

  const watch = new Stopwatch();
  const again = (await context.driver.holds(context.signal)).some((hold) => hold.id === checkpoint);
  // A dump that was interrupted holds the workload already: what preflight would complain of.
  if (!again) refuseBlockers(await context.driver.preflight(workload, { tcp }, context.signal));
  watch.lap('preflight');

  const image = join(directory, 'image');
  if (!again) await rm(directory, { recursive: true, force: true });
  await mkdir(image, { recursive: true, mode: 0o700 });
  const parts = new Map<string, PartSource>();
  const sink = {
    directory: image,
    add: (part: PartSource): void => {
      if (parts.has(checkPartName(part.name))) {
        throw new GritError('GRIT_IMAGE_MANIFEST_INVALID', `part ${part.name} was added twice`);
      }
      parts.set(part.name, part);
    },
  };
  const options = { checkpoint, tcp, onProgress: context.onProgress };
  const held = await context.driver.checkpoint(workload, sink, options, context.signal);
  watch.lap('seal', held.timings);
  const timings = watch.timings as unknown as Json;
  await writeSealed(record, {
    workload,
    held,
    parts: [...parts.values()],
    createdAt: Date.now(),
    timings,
  } satisfies SealedDump);
  return { timings };
};

function refuseBlockers(report: PreflightReport): void {
  const blockers = report.findings.filter((finding) => finding.severity === 'blocker');
  const [first] = blockers;
  if (first === undefined) return;
  const message = blockers.map(({ message: text, pid, fd }) => {
    const where = [pid === undefined ? '' : `pid ${pid}`, fd === undefined ? '' : `fd ${fd}`].filter(Boolean).join(' ');
    return where === '' ? text : `${where}: ${text}`;
  });
  throw new GritError('GRIT_WORKLOAD_UNCHECKPOINTABLE', message.join('; '), {
    hint: first.hint,
    details: { findings: blockers as unknown as Json },
  });
}
