// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ImageStorageWriter } from '@grit/plugin-api';
import type { PagesFile } from '../criu/pages-files.js';
import { sendRuns } from '../criu/send-runs.js';
import { damaged, namingPart } from '../damage.js';
import type { ImageFacts } from '../format/image-manifest.js';
import type { ImageCallOptions } from '../image-call-options.js';
import type { PackedImage } from '../pack/packed-image.js';
import { Packer, type PackerOptions } from '../pack/packer.js';
import type { ImageReader } from '../read/image-reader.js';
import { throwIfAborted } from '../stream/until-aborted.js';
import { commitPacked } from './commit-packed.js';
import { knownPacks, type KnownImage } from './known-packs.js';
import { orAbort } from './or-abort.js';
import type { RepackPlan } from './plan-repack.js';
import { stagePart } from './stage-part.js';
import type { WrittenImage } from './written-image.js';

/** Options of {@link repackImage}. */
export interface RepackOptions extends ImageCallOptions, Pick<PackerOptions, 'compression' | 'limits' | 'keys'> {
  /** Images of the target whose chunks need not be written again, the likeliest first. */
  readonly known?: readonly KnownImage[] | undefined;
  /** Where packs are made: what the writer's `staging` gave, or a directory that is nobody else's. */
  readonly packDirectory: string;
}

/**
 * Makes the same image in another store, packed anew with the keys of that store, every byte of the source verified before it is packed.
 * Its facts stay, its packs and thus its digest do not. It is durable and readable then, not yet verified. On an error or abort nothing
 * of it is left in the target; local files are the caller's to remove.
 * Errors: those of {@link ImageReader} for the source, of `storeImage` for the target.
 */
export async function repackImage(
  source: ImageReader,
  writer: ImageStorageWriter,
  plan: RepackPlan,
  options: RepackOptions,
): Promise<WrittenImage> {
  const { signal, onProgress, known = [], keys } = options;
  return orAbort(writer, signal, async () => {
    for (const part of plan.staged.filter(({ name }) => !plan.there.has(name))) {
      throwIfAborted(signal);
      await mkdir(dirname(part.path), { recursive: true, mode: 0o700 });
      await stagePart(source, part, signal);
    }
    const chunks = await knownPacks(writer, known, signal, { keys });
    const total = source.size;
    const packer = await Packer.open({
      ...options,
      directory: options.packDirectory,
      known: chunks,
      onProgress: onProgress && (({ doneBytes }) => onProgress({ phase: 'pack', doneBytes, totalBytes: total })),
    });
    const packed = await pack(packer, source, plan, signal).catch(async (error: unknown) => {
      await packer.discard().catch(() => undefined);
      throw error;
    });
    const facts = factsOf(source);
    return commitPacked(writer, options.packDirectory, packed, facts, { signal, onProgress, keys });
  });
}

async function pack(
  packer: Packer,
  source: ImageReader,
  { streamed, staged }: RepackPlan,
  signal: AbortSignal,
): Promise<PackedImage> {
  await Promise.all([sendAll(packer, source, streamed, signal), ...staged.map((part) => packer.addFile(part))]);
  return packer.finish({ durable: false });
}

/** One sink for all: each has a buffer of the few that there are. */
async function sendAll(
  packer: Packer,
  source: ImageReader,
  files: readonly PagesFile[],
  signal: AbortSignal,
): Promise<void> {
  if (files.length === 0) return;
  const sink = packer.openPages();
  for (const { part, runs } of files) {
    const size = source.manifest.parts.find(({ name }) => name === part.name)?.size ?? 0;
    const bytes = source.read(part.name, { start: 0, end: size }, signal)[Symbol.asyncIterator]();
    try {
      await sendRuns(sink, { name: part.name, runs, fill: filler(bytes, part.name, source) }, signal);
    } catch (error) {
      throw namingPart(error, part.name);
    } finally {
      await bytes.return?.();
    }
  }
}

/** Takes just so many bytes from a stream of pieces; what is left of one is for the next call. */
function filler(
  bytes: AsyncIterator<Uint8Array>,
  part: string,
  { manifest }: ImageReader,
): (target: Uint8Array) => Promise<void> {
  let rest: Uint8Array = new Uint8Array(0);
  return async (target) => {
    for (let filled = 0; filled < target.length;) {
      if (rest.length === 0) {
        const next = await bytes.next();
        if (next.done === true) throw damaged('GRIT_IMAGE_PART_TRUNCATED', part, manifest.checkpoint, 'ends too early');
        rest = next.value;
        continue;
      }
      const some = rest.subarray(0, target.length - filled);
      target.set(some, filled);
      filled += some.length;
      rest = rest.subarray(some.length);
    }
  };
}

function factsOf({ manifest }: ImageReader): ImageFacts {
  const { checkpoint, workload, node, createdAt, runtime, facts, timings, parent } = manifest;
  return { checkpoint, workload, node, createdAt, runtime, facts, timings, ...(parent !== undefined && { parent }) };
}
