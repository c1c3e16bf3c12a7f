// SPDX-License-Identifier: Apache-2.0
import { GritError, type DeviceRecord, type Json } from '@grit/plugin-api';
import type { Gpu } from '../nvml/gpus.js';

export const DRIVER_ID = 'nvidia';

/** A GPU of the source, as a restore has to know it. */
export type SourceGpu = Pick<Gpu, 'uuid' | 'name' | 'memoryBytes' | 'busId'>;

/** What an image says of GPUs beside the uses. */
export interface GpuFacts {
  /** Of the driver: its libraries are mapped in the processes, so the target must have the same. */
  readonly driverVersion: string;
  readonly gpus: readonly SourceGpu[];
}

export function toData({ driverVersion, gpus }: GpuFacts): Json {
  return {
    driverVersion,
    gpus: gpus.map(({ uuid, name, memoryBytes, busId }) => ({ uuid, name, memoryBytes, busId })),
  };
}

/** Errors: GRIT_RESTORE_INCOMPATIBLE for a record that is not ours or of a later version. */
export function readData({ driver, data }: DeviceRecord): GpuFacts {
  const facts = data as unknown as Partial<GpuFacts> | null;
  const isGpu = (gpu: Partial<SourceGpu>): boolean =>
    typeof gpu.uuid === 'string' && typeof gpu.name === 'string' && typeof gpu.memoryBytes === 'number';
  if (
    driver === DRIVER_ID &&
    typeof facts?.driverVersion === 'string' &&
    Array.isArray(facts.gpus) &&
    facts.gpus.every(isGpu)
  ) {
    return facts as GpuFacts;
  }
  throw new GritError('GRIT_RESTORE_INCOMPATIBLE', 'what the image says of GPUs cannot be read');
}
