// SPDX-License-Identifier: Apache-2.0
import { DEFAULT_LIMITS, dataPlaneFacts, type PackLimits } from '@grit/image';
import type { GritConfig } from '../config/grit-config.js';

const MIB = 1024 * 1024;

/** Of the index of known chunks. */
const ENTRY_BYTES = 64;

/** How a node packs images. */
export interface DataPlane {
  readonly limits: PackLimits;
  /** What `grit doctor` and `grit describe node` show of it. */
  readonly facts: Readonly<Record<string, string>>;
}

/** The configuration as bounds of a packer: half of the memory is for pages on their way, half for the index of known chunks. */
export function dataPlaneOf({ threads, memoryMiB }: GritConfig['node']['dataPlane']): DataPlane {
  const half = (memoryMiB * MIB) / 2;
  const limits: PackLimits = {
    ...DEFAULT_LIMITS,
    ...(threads !== undefined && { threads }),
    slabs: Math.max(2, Math.floor(half / DEFAULT_LIMITS.slabBytes)),
    indexEntries: Math.floor(half / ENTRY_BYTES),
  };
  const { hash, zstd, native } = dataPlaneFacts();
  const facts = {
    hash,
    zstd,
    addon: native ? 'in use' : 'none',
    'pack threads': String(limits.threads),
    'pack memory': `${memoryMiB} MiB`,
  };
  return { limits, facts };
}
