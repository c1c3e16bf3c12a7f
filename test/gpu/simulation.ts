// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runToFile } from './process/run-to-file.js';
import { until } from './process/until.js';

const WORKLOADS = join(import.meta.dirname, 'workload');
/** Where the simulation is built: the libraries, the daemon and its control program. */
const PROGRAMS = join(WORKLOADS, 'dist', 'simgpu');
/** The yardstick's command, for it. */
const COMMANDS = join(WORKLOADS, 'simulated');

/** Simulated GPUs at work. */
export interface Simulation {
  /** Of the libraries that take the place of the driver's. */
  readonly libraryDirectory: string;
  /** What workloads and callers need to find it. */
  readonly environment: NodeJS.ProcessEnv;
  /** Below it are the files of its GPUs. */
  readonly directory: string;
  readonly setBusy: (milliseconds: number) => Promise<void>;
  stop(): Promise<void>;
}

/** Starts two simulated GPUs of one model. */
export async function startSimulation(below: string, signal: AbortSignal): Promise<Simulation> {
  const directory = join(below, 'simgpu');
  const libraryDirectory = join(PROGRAMS, 'lib');
  const output = await open(join(below, 'simgpud.out'), 'w');
  const daemon = spawn(join(PROGRAMS, 'simgpud'), ['--dir', directory, '--gpus', '2'], {
    stdio: ['ignore', output.fd, output.fd],
    detached: true,
  });
  await output.close();
  const ended = new Promise<string>((resolve) => {
    daemon.once('error', (error) => resolve(error.message));
    daemon.once('exit', (code) => resolve(`it ended with ${String(code)}`));
  });
  const ready = until(async () => (await stat(join(directory, 'ready')).catch(() => undefined)) !== undefined, signal);
  const problem = await Promise.race([ended, ready.then(() => undefined)]);
  if (problem !== undefined) throw new Error(`the simulated GPU cannot be started: ${problem}`);
  return {
    libraryDirectory,
    directory,
    environment: {
      SIMGPU_DIR: directory,
      LD_LIBRARY_PATH: libraryDirectory,
      PATH: [COMMANDS, PROGRAMS, process.env['PATH']].join(':'),
    },
    setBusy: async (milliseconds) => {
      const control = [join(PROGRAMS, 'simgpuctl'), directory, 'set', 'work-ms', String(Math.max(1, milliseconds))];
      const { code, output: said } = await runToFile(
        control,
        join(below, 'simgpuctl.out'),
        AbortSignal.timeout(30_000),
      );
      if (code !== 0) throw new Error(`simgpuctl ended with ${code}: ${said.trim()}`);
    },
    stop: async () => {
      daemon.kill('SIGKILL');
      await ended;
    },
  };
}
