// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';
import { DriverProxies, openCheckpointApi, ProxyNvml } from '@grit/runtime-nvidia';
import type { Ground } from './bed.js';
import { reasonOf } from './report.js';
import { startSimulation, type Simulation } from './simulation.js';

/** The part of the ground that is the GPUs'. */
export interface OpenGpus extends Pick<
  Ground,
  'calls' | 'nvml' | 'gpus' | 'driver' | 'environment' | 'deviceFiles' | 'setBusy'
> {
  close(): Promise<void>;
}

const OLDEST_DRIVER = 570;

/** Opens the driver of this machine, or starts simulated GPUs. Resolves with the reason when there is nothing to be tested. */
export async function openGpus(
  simulated: boolean,
  directory: string,
  signal: AbortSignal,
): Promise<OpenGpus | { reason: string }> {
  if (process.getuid?.() !== 0) return { reason: 'it needs root' };
  if (!simulated) return await open(undefined, signal);
  const simulation = await startSimulation(directory, signal);
  const opened = await open(simulation, signal);
  if ('reason' in opened) await simulation.stop();
  return opened;
}

async function open(simulation: Simulation | undefined, signal: AbortSignal): Promise<OpenGpus | { reason: string }> {
  const environment: NodeJS.ProcessEnv = { ...process.env, ...simulation?.environment };
  // What is preloaded into us is not meant for the workloads.
  delete environment['LD_PRELOAD'];
  // The first GPU of a workload is the first one of NVML, and it sees them all: a map has to name every GPU that it sees.
  delete environment['CUDA_VISIBLE_DEVICES'];
  environment['CUDA_DEVICE_ORDER'] = 'PCI_BUS_ID';
  const libraryDirectory = simulation?.libraryDirectory;
  const proxies = new DriverProxies({ libraryDirectory, env: environment, logger: SILENT });
  const calls = openCheckpointApi({ proxies, env: environment });
  const nvml = new ProxyNvml(proxies);
  const close = async (): Promise<void> => {
    await calls.close();
    await simulation?.stop();
  };
  try {
    const driver = await nvml.driverVersion(signal);
    const gpus = await nvml.gpus(signal);
    const reason = whyNot(driver, gpus);
    if (reason === undefined) {
      const deviceFiles = simulation?.directory ?? '/dev/nvidia';
      return { calls, nvml, gpus, driver, environment, deviceFiles, setBusy: simulation?.setBusy, close };
    }
    await close();
    return { reason };
  } catch (error) {
    await close();
    return { reason: `no NVIDIA GPU: ${reasonOf(error).split('\n')[0] ?? ''}` };
  }
}

function whyNot(driver: string, gpus: Ground['gpus']): string | undefined {
  const [first] = gpus;
  if (first === undefined) return `driver ${driver} sees no GPU`;
  if (Number.parseInt(driver, 10) < OLDEST_DRIVER) return `driver ${driver}; it can checkpoint since ${OLDEST_DRIVER}`;
  if (first.mig) return `the GPU ${first.name} is in MIG mode, which the driver cannot checkpoint`;
  return undefined;
}

const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => SILENT,
};
