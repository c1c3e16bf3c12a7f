// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import type { Gpu } from '@grit/runtime-nvidia';
import { machineFacts, type MachineFacts } from '../../bench/frame/machine-facts.js';
import type { Ground } from './bed.js';

/** Where the acceptance ran. */
export interface GpuMachine extends MachineFacts {
  readonly system: string;
  readonly driver: string;
  readonly gpus: readonly Pick<Gpu, 'name' | 'memoryBytes' | 'persistence' | 'mig' | 'computeMode'>[];
  /** Version, or why it cannot be used. */
  readonly criu: string;
  /** Version; `none` where the program is not there. */
  readonly cudaCheckpoint: string;
}

export async function gpuMachine(
  { criu, driver, gpus }: Ground,
  cudaCheckpoint: string | undefined,
): Promise<GpuMachine> {
  return {
    ...machineFacts(),
    system: await systemName(),
    driver,
    // Neither UUIDs nor bus ids: the result is published.
    gpus: gpus.map(({ name, memoryBytes, persistence, mig, computeMode }) => ({
      name,
      memoryBytes,
      persistence,
      mig,
      computeMode,
    })),
    criu: 'reason' in criu ? criu.reason : criu.version,
    cudaCheckpoint: cudaCheckpoint ?? 'none',
  };
}

/** The machine as lines for people. */
export function describeMachine(machine: GpuMachine): string {
  const gpus = machine.gpus.map(({ name, memoryBytes, persistence, mig, computeMode }, index) => {
    const size = `${Math.round(memoryBytes / 2 ** 20)} MiB`;
    return `GPU ${index}: ${name}, ${size}, persistence ${onOff(persistence)}, MIG ${onOff(mig)}, compute mode ${computeMode}`;
  });
  return [
    ...gpus,
    `driver ${machine.driver}, ${machine.system}, Linux ${machine.kernel}, ${machine.cores} × ${machine.cpu}, ${machine.memoryMiB} MiB`,
    `CRIU ${machine.criu}; cuda-checkpoint ${machine.cudaCheckpoint}; Node ${machine.node}`,
  ].join('\n');
}

async function systemName(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? 'unknown system';
}

function onOff(value: boolean): string {
  return value ? 'on' : 'off';
}
