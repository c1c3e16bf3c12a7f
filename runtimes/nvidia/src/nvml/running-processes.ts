// SPDX-License-Identifier: Apache-2.0
import type { DriverLibrary } from '../cuda/driver-library.js';
import type { GpuProcess } from './gpus.js';
import { FUNCTION_NOT_FOUND, INSUFFICIENT_SIZE, NOT_SUPPORTED, nvmlError } from './nvml-results.js';

const CALL = 'int nvmlDeviceGetComputeRunningProcesses_v3(uint64_t device, void *count, void *infos)';
/** nvmlProcessInfo_t: u32 pid, u64 usedGpuMemory, u32 gpuInstanceId, u32 computeInstanceId. */
const INFO_BYTES = 24;
/** What the driver writes where it does not know the memory. */
const NOT_KNOWN = 0xffff_ffff_ffff_ffffn;

/** The processes with a context on a GPU; none where it does not tell. More may come while we ask, so the room grows until it is enough. */
export async function runningProcesses(
  library: DriverLibrary,
  handle: bigint,
  gpu: string,
): Promise<readonly GpuProcess[]> {
  for (let room = 32; ; room *= 2) {
    const count = Buffer.alloc(4);
    count.writeUInt32LE(room);
    const infos = Buffer.alloc(room * INFO_BYTES);
    const result = (await library.call(CALL, handle, count, infos)) ?? FUNCTION_NOT_FOUND;
    if (result === NOT_SUPPORTED) return [];
    if (result === INSUFFICIENT_SIZE && room < 65_536) continue;
    if (result !== 0) throw nvmlError('nvmlDeviceGetComputeRunningProcesses_v3', result);
    return Array.from({ length: Math.min(count.readUInt32LE(), room) }, (_, index) => {
      const at = index * INFO_BYTES;
      const bytes = infos.readBigUInt64LE(at + 8);
      return { pid: infos.readUInt32LE(at), gpu, bytes: bytes === NOT_KNOWN ? 0 : Number(bytes) };
    });
  }
}
