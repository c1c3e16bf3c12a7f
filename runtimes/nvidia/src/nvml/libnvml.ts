// SPDX-License-Identifier: Apache-2.0
import type { DriverLibrary } from '../cuda/driver-library.js';
import type { Gpu, GpuProcess } from './gpus.js';
import { FUNCTION_NOT_FOUND, GPU_IS_LOST, NOT_SUPPORTED, nvmlError } from './nvml-results.js';
import { runningProcesses } from './running-processes.js';

const C = {
  init: 'int nvmlInit_v2()',
  driverVersion: 'int nvmlSystemGetDriverVersion(void *version, uint32_t length)',
  count: 'int nvmlDeviceGetCount_v2(void *count)',
  handle: 'int nvmlDeviceGetHandleByIndex_v2(uint32_t index, void *device)',
  uuid: 'int nvmlDeviceGetUUID(uint64_t device, void *uuid, uint32_t length)',
  gpuName: 'int nvmlDeviceGetName(uint64_t device, void *name, uint32_t length)',
  memory: 'int nvmlDeviceGetMemoryInfo(uint64_t device, void *memory)',
  persistence: 'int nvmlDeviceGetPersistenceMode(uint64_t device, void *mode)',
  mig: 'int nvmlDeviceGetMigMode(uint64_t device, void *current, void *pending)',
  pci: 'int nvmlDeviceGetPciInfo_v3(uint64_t device, void *pci)',
  minor: 'int nvmlDeviceGetMinorNumber(uint64_t device, void *minor)',
  computeMode: 'int nvmlDeviceGetComputeMode(uint64_t device, void *mode)',
} as const;

const COMPUTE_MODES = ['default', 'exclusive-thread', 'prohibited', 'exclusive-process'];
const TEXT_BYTES = 96;
/** nvmlPciInfo_t: busIdLegacy[16], five u32, busId[32]. */
const PCI_BYTES = 68;
const PCI_BUS_ID = 36;

/** NVML, called in this process. Errors: GRIT_DEVICE_UNAVAILABLE with call and result in its details. */
export class Libnvml {
  #begun: Promise<void> | undefined;

  constructor(private readonly library: DriverLibrary) {}

  async driverVersion(): Promise<string> {
    await this.#begin();
    const text = Buffer.alloc(TEXT_BYTES);
    await this.#call(C.driverVersion, text, text.length);
    return textOf(text);
  }

  async gpus(): Promise<readonly Gpu[]> {
    return Promise.all((await this.#handles()).map(async (handle) => this.#gpu(handle)));
  }

  async processes(): Promise<readonly GpuProcess[]> {
    const lists = (await this.#handles()).map(async (handle) =>
      runningProcesses(this.library, handle, await this.#text(C.uuid, handle)),
    );
    return (await Promise.all(lists)).flat();
  }

  async #gpu(handle: bigint): Promise<Gpu> {
    const memory = Buffer.alloc(24);
    const pci = Buffer.alloc(PCI_BYTES);
    await this.#call(C.memory, handle, memory);
    await this.#call(C.pci, handle, pci);
    const mode = await this.#number(C.computeMode, handle);
    return {
      uuid: await this.#text(C.uuid, handle),
      name: await this.#text(C.gpuName, handle),
      minor: await this.#number(C.minor, handle),
      busId: textOf(pci.subarray(PCI_BUS_ID)),
      memoryBytes: Number(memory.readBigUInt64LE(0)),
      freeBytes: Number(memory.readBigUInt64LE(8)),
      persistence: (await this.#numberIfAny(C.persistence, handle)) === 1,
      mig: (await this.#numberIfAny(C.mig, handle, Buffer.alloc(4))) === 1,
      computeMode: COMPUTE_MODES[mode] ?? `mode ${mode}`,
    };
  }

  /** A GPU that has fallen off the bus is left out: the others of the node are as good as before. */
  async #handles(): Promise<readonly bigint[]> {
    await this.#begin();
    const count = Buffer.alloc(4);
    await this.#call(C.count, count);
    const handles: bigint[] = [];
    for (let index = 0; index < count.readUInt32LE(); index++) {
      const handle = Buffer.alloc(8);
      const result = await this.library.call(C.handle, index, handle);
      if (result === 0) handles.push(handle.readBigUInt64LE());
      else if (result === GPU_IS_LOST) console.error(`GPU ${index} is lost`);
      else throw nvmlError(nameOf(C.handle), result ?? FUNCTION_NOT_FOUND);
    }
    return handles;
  }

  async #text(declaration: string, handle: bigint): Promise<string> {
    const text = Buffer.alloc(TEXT_BYTES);
    await this.#call(declaration, handle, text, text.length);
    return textOf(text);
  }

  async #number(declaration: string, handle: bigint): Promise<number> {
    const value = Buffer.alloc(4);
    await this.#call(declaration, handle, value);
    return value.readUInt32LE();
  }

  /** Undefined where the GPU, or this version of NVML, has no such thing. */
  async #numberIfAny(declaration: string, handle: bigint, ...more: readonly Buffer[]): Promise<number | undefined> {
    const value = Buffer.alloc(4);
    const result = (await this.library.call(declaration, handle, value, ...more)) ?? FUNCTION_NOT_FOUND;
    if (result === NOT_SUPPORTED || result === FUNCTION_NOT_FOUND) return undefined;
    if (result !== 0) throw nvmlError(nameOf(declaration), result);
    return value.readUInt32LE();
  }

  async #call(declaration: string, ...args: readonly (number | bigint | Buffer)[]): Promise<void> {
    const result = (await this.library.call(declaration, ...args)) ?? FUNCTION_NOT_FOUND;
    if (result !== 0) throw nvmlError(nameOf(declaration), result);
  }

  async #begin(): Promise<void> {
    this.#begun ??= this.#call(C.init);
    try {
      await this.#begun;
    } catch (error) {
      this.#begun = undefined;
      throw error;
    }
  }
}

function nameOf(declaration: string): string {
  return /\w+(?=\()/.exec(declaration)?.[0] ?? declaration;
}

function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}
