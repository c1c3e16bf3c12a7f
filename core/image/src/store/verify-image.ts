// SPDX-License-Identifier: Apache-2.0
import { inLanes } from '../digest/in-lanes.js';
import { ByteMeter } from '../stream/byte-meter.js';
import type { ImageReader } from './image-reader.js';
import type { ImageCallOptions } from './store-image.js';

const PARTS_AT_A_TIME = 4;

/** Reads everything back and checks it. The first damaged part ends it, named in the error. */
export async function verifyImage(reader: ImageReader, { signal, onProgress }: ImageCallOptions): Promise<void> {
  const meter = new ByteMeter('verify', reader.size, onProgress);
  const parts = [...reader.manifest.parts].sort((a, b) => b.size - a.size);
  await inLanes(parts.length, PARTS_AT_A_TIME, async (index) => {
    const part = parts[index];
    if (part !== undefined) await reader.verifyPart(part.name, { signal, onBytes: meter.add });
  });
  meter.finish();
}
