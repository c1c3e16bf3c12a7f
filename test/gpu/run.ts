// SPDX-License-Identifier: Apache-2.0
// npm run test:gpu: the acceptance on a machine with an NVIDIA GPU and root. See README.md.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printResult } from '../../bench/frame/print-result.js';
import { Bed, type Ground } from './bed.js';
import { callTable } from './call-table.js';
import { CriuProgram } from './criu-program.js';
import { CudaCheckpoint } from './cuda-checkpoint.js';
import { Figures } from './figures.js';
import { describeMachine, gpuMachine } from './gpu-machine.js';
import { gpuResult } from './gpu-result.js';
import { openGpus, type OpenGpus } from './open-gpus.js';
import { parseGpuOptions, USAGE, type GpuOptions } from './options.js';
import { measureCalls } from './parts/calls.js';
import { askForRefusals } from './parts/refusals.js';
import { moveTraining } from './parts/training.js';
import { changeGpu } from './parts/uuid-map.js';
import { moveProcess } from './parts/whole-process.js';
import { reasonOf, Report } from './report.js';

const PATIENCE_MS = 120_000;
const PARTS = ['calls', 'process', 'training', 'map', 'refusal'];

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: GpuOptions;
  try {
    options = parseGpuOptions(args);
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n${USAGE}\n`);
    return 2;
  }
  const report = new Report(options.simulated);
  const directory = await mkdtemp(join(options.directory, 'grit-gpu-'));
  try {
    const opened = await openGpus(options.simulated, directory, AbortSignal.timeout(PATIENCE_MS));
    if ('reason' in opened) {
      report.skip(PARTS, opened.reason);
    } else await runAll(options, report, directory, opened);
  } finally {
    // Images are large; logs of what failed are worth keeping.
    if (report.count('failed') === 0) await rm(directory, { recursive: true, force: true });
    else report.say(`images and logs are left in ${directory}`);
  }
  report.sayTally();
  return report.count('failed') === 0 ? 0 : 1;
}

async function runAll(options: GpuOptions, report: Report, directory: string, opened: OpenGpus): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const criu = await CriuProgram.find(directory, signal);
  const ground: Ground = { ...opened, options, report, directory, criu, figures: new Figures() };
  const bed = new Bed(ground);
  const yardstick = new CudaCheckpoint(directory, ground.environment);
  const yardstickVersion = await yardstick.version(signal);
  const machine = await gpuMachine(ground, yardstickVersion);
  report.say(describeMachine(machine));
  const end = async (): Promise<void> => {
    await bed.endAll();
    await opened.close();
  };
  // Neither Ctrl-C nor a polite kill may leave processes behind that hold a GPU.
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => void end().finally(() => process.exit(130)));
  try {
    await measureCalls(bed, yardstickVersion === undefined ? undefined : yardstick);
    await moveProcess(bed);
    await moveTraining(bed);
    await changeGpu(bed);
    await askForRefusals(bed);
  } finally {
    await end();
  }
  const result = await gpuResult(bed, machine);
  report.say(callTable(ground.figures, options.sizes));
  report.say(printResult(result));
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
}
