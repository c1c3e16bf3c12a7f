// SPDX-License-Identifier: Apache-2.0
import type { NodeFiles } from './node-files.js';

/** The kernel driver of AMD's GPUs, where it is loaded. */
export interface AmdgpuModule {
  /** Only AMD's own build, outside of the kernel (amdgpu-dkms), has one; undefined for the driver of the kernel itself. */
  readonly version: string | undefined;
}

/** Undefined: it is not loaded. */
export async function readAmdgpuModule(files: NodeFiles): Promise<AmdgpuModule | undefined> {
  const version = (await files.text('/sys/module/amdgpu/version'))?.trim();
  if (version !== undefined && version !== '') return { version };
  const loaded = (await files.has('/sys/module/amdgpu')) || /^amdgpu /m.test((await files.text('/proc/modules')) ?? '');
  return loaded ? { version: undefined } : undefined;
}
