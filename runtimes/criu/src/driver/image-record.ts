// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import {
  GritError,
  type DeviceRecord,
  type ImageSource,
  type JsonObject,
  type PartSource,
  type RuntimeRecord,
  type WorkloadSpec,
} from '@grit/plugin-api';
import { compareVersions, type ToolVersions } from '../criu/tool-versions.js';
import type { StreamedPart } from '../page-server/page-receiver.js';

/** Id of the driver in every image. */
export const DRIVER_ID = 'criu';
const VERSION = 1;

/** What a restore needs beside the parts. */
interface ImageRecord {
  readonly spec: WorkloadSpec;
  /** Size of each part, so that a part of the wrong size is no riddle for CRIU. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly versions: ToolVersions;
  /** Where processes use devices. */
  readonly devices?: DeviceRecord | undefined;
  /** Whether their state did not fit the memory limit. */
  readonly raised?: boolean | undefined;
}

/** What a dump has made. */
interface DumpFacts extends Pick<ImageRecord, 'versions' | 'devices' | 'raised'> {
  readonly parts: readonly PartSource[];
  /** Parts that came as pages and are not files here. */
  readonly streamed: readonly StreamedPart[];
}

export async function toRuntimeRecord(
  spec: WorkloadSpec,
  { parts, streamed, ...facts }: DumpFacts,
): Promise<RuntimeRecord> {
  const data = { spec, sizes: await sizesOf(parts, streamed), ...facts } satisfies ImageRecord;
  return { driver: DRIVER_ID, version: VERSION, data: JSON.parse(JSON.stringify(data)) as JsonObject };
}

/** Bytes of each part, by name. */
export async function sizesOf(
  parts: readonly PartSource[],
  streamed: readonly StreamedPart[],
): Promise<Readonly<Record<string, number>>> {
  const files = await Promise.all(parts.map(async ({ name, path }) => [name, (await stat(path)).size] as const));
  return Object.fromEntries([...files, ...streamed.map(({ name, size }) => [name, size] as const)]);
}

/** What the source says, after all checks. Throws GRIT_RESTORE_INCOMPATIBLE or what is wrong with a part. */
export async function readImageRecord(source: ImageSource, here: ToolVersions): Promise<ImageRecord> {
  const { driver, version, data } = source.runtime;
  if (driver !== DRIVER_ID || version !== VERSION) {
    throw incompatible(`the image was made by driver ${driver}, version ${version}; this is ${DRIVER_ID}, ${VERSION}`);
  }
  const record = data as unknown as ImageRecord;
  await checkImage(record, source, here);
  return record;
}

/** Whether this node can restore an image with such parts. Throws GRIT_RESTORE_INCOMPATIBLE or what is wrong with a part. */
export async function checkImage(
  { sizes, versions }: Pick<ImageRecord, 'sizes' | 'versions'>,
  source: ImageSource,
  here: ToolVersions,
): Promise<void> {
  if (versions.arch !== here.arch) throw incompatible(`the image is of ${versions.arch}, this node is ${here.arch}`);
  if (versions.cgroup !== here.cgroup) {
    throw incompatible(`the image needs control groups ${versions.cgroup}, this node has ${here.cgroup}`);
  }
  if (compareVersions(here.criu, versions.criu) < 0) {
    throw incompatible(`the image was made by CRIU ${versions.criu}, this node has ${here.criu || 'none'}`);
  }
  const parts = new Map(source.parts.map((part) => [part.name, part]));
  for (const [name, size] of Object.entries(sizes)) {
    const part = parts.get(name);
    const found = part === undefined ? undefined : await stat(part.path).catch(() => undefined);
    if (found === undefined) throw new GritError('GRIT_IMAGE_PART_MISSING', `part ${name} is not there`, details(name));
    if (found.size !== size) {
      const message = `part ${name} has ${found.size} bytes instead of ${size}`;
      throw new GritError('GRIT_IMAGE_PART_TRUNCATED', message, details(name));
    }
  }
}

function details(part: string): { readonly details: JsonObject } {
  return { details: { part } };
}

export function incompatible(message: string): GritError {
  return new GritError('GRIT_RESTORE_INCOMPATIBLE', message);
}
