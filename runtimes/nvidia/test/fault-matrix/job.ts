// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import type { DeviceReturn, DeviceUse } from '@grit/plugin-api';
import { SimGpu } from '../../../../test/fixtures/simgpu/index.js';
import type { CallLimits } from '../../src/cuda/call-limits.js';
import type { CheckpointApi } from '../../src/cuda/checkpoint-api.js';
import { DriverProxies } from '../../src/cuda/driver-proxies.js';
import { LibraryApi } from '../../src/cuda/library-api.js';
import { openCheckpointApi } from '../../src/cuda/open-checkpoint-api.js';
import type { GpuTools } from '../../src/device/gpu-tools.js';
import { NvidiaDeviceDriver } from '../../src/device/nvidia-device-driver.js';
import { ProxyNvml } from '../../src/nvml/proxy-nvml.js';
import { SILENT } from '../cuda/silent.js';
import { Counter } from './counter.js';
import { OneShortCall } from './one-short-call.js';

const PATIENCE_MS = 120_000;

function limitsOf(ms: number): CallLimits {
  return { askMs: ms, lockMs: ms, moveMs: ms, unlockMs: ms };
}

/** A job of some processes on a simulated node with two GPUs, each of them on one; and the driver as an agent has it. */
export class Job {
  readonly counters: Counter[] = [];
  readonly cuda: OneShortCall;
  readonly driver: NvidiaDeviceDriver;
  readonly #tools: GpuTools;
  readonly #more: DriverProxies[] = [];
  /** What was armed when the short call ended: a fault that was not taken has not been tried. */
  leftByShort = 0;

  private constructor(
    readonly sim: SimGpu,
    readonly proxies: DriverProxies,
    private readonly words: (index: number) => readonly string[],
  ) {
    const afterShort = async (): Promise<void> => {
      this.leftByShort = await sim.armed();
      if (this.leftByShort > 0) await sim.clear();
    };
    this.cuda = new OneShortCall(new LibraryApi(proxies, limitsOf(PATIENCE_MS)), afterShort);
    this.#tools = { cuda: this.cuda, nvml: new ProxyNvml(proxies), lockTimeoutMs: PATIENCE_MS, map: new Map() };
    this.driver = this.driverWith({});
  }

  /** @param words - options of simgpu-count for each */
  static async start(size: number, words: (index: number) => readonly string[] = () => []): Promise<Job> {
    const sim = await SimGpu.start({ gpus: 2, memoryMib: 64, api: 13040 });
    const job = new Job(sim, proxiesFor(sim), words);
    const counters = Array.from({ length: size }, async (_, index) => job.#startCounter(index));
    job.counters.push(...(await Promise.all(counters)));
    return job;
  }

  /** What a new agent has: processes that it has not started, and the driver. Ended by {@link stop}. */
  nextAgent(): NvidiaDeviceDriver {
    const proxies = proxiesFor(this.sim);
    this.#more.push(proxies);
    return this.driverWith({ cuda: openCheckpointApi({ proxies }), nvml: new ProxyNvml(proxies) });
  }

  /** What the one call is made with that is going to hang. @param limitMs - long enough for it to come as far as to the driver */
  shortApi(limitMs: number): CheckpointApi {
    return new LibraryApi(this.proxies, limitsOf(limitMs));
  }

  /** A driver with other settings, on the same proxies. */
  driverWith(settings: Partial<GpuTools>): NvidiaDeviceDriver {
    return new NvidiaDeviceDriver({ ...this.#tools, ...settings });
  }

  /** As they are now. */
  async uses(): Promise<readonly DeviceUse[]> {
    return Promise.all(this.counters.map(async ({ pid, gpu }) => useOf(pid, [gpu])));
  }

  /** Each comes back on the other GPU. */
  swapped(uses: readonly DeviceUse[]): readonly DeviceReturn[] {
    const [first, second] = [this.sim.uuidOf(0), this.sim.uuidOf(1)];
    return uses.map((use) => ({ use, map: use.devices[0] === first ? { [first]: second } : { [second]: first } }));
  }

  /** Ends one that cannot go on and starts another in its place. */
  async replace(index: number): Promise<void> {
    await this.counters[index]?.end();
    this.counters[index] = await this.#startCounter(index);
  }

  async allGoOn(but: readonly number[] = []): Promise<void> {
    await Promise.all(this.counters.filter(({ pid }) => !but.includes(pid)).map(async (counter) => counter.goesOn()));
  }

  async stop(): Promise<void> {
    await Promise.all([this.proxies, ...this.#more].map(async (proxies) => proxies.close()));
    await Promise.all(this.counters.map(async (counter) => counter.end()));
    await this.sim.stop();
  }

  async #startCounter(index: number): Promise<Counter> {
    return Counter.start(this.sim, [this.sim.uuidOf(index % 2)], this.words(index));
  }
}

export function proxiesFor(sim: SimGpu): DriverProxies {
  return new DriverProxies({
    libraryDirectory: sim.files.libraries,
    logger: SILENT,
    env: { ...process.env, SIMGPU_DIR: sim.directory },
  });
}

/** As discover has it, for a process in no container: there `/dev` tells nothing of the simulation. */
export async function useOf(pid: number, devices: readonly string[]): Promise<DeviceUse> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return { pid, startTime, innerPid: pid, container: 'job', devices, bytes: 2 ** 20 };
}
