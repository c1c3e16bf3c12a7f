// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { buildModule } from '../../cluster/binaries.js';
import { runProgram } from '../../cluster/run-program.js';

const RUNS = 50;

/** What the wrapper costs beside runc itself, both run in turns: medians, for people to read. @param root - runc's state directory @param id - a container that runs */
export async function compareWrapper(wrapper: string, root: string, id: string): Promise<string> {
  const folder = await buildModule('runc');
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}` };
  const results: string[] = [];
  for (const args of [['--version'], ['--root', root, 'state', id]]) {
    const times: Record<'runc' | 'wrapper', number[]> = { runc: [], wrapper: [] };
    for (let run = 0; run < RUNS; run++) {
      for (const [name, program] of [
        ['runc', join(folder, 'runc')],
        ['wrapper', wrapper],
      ] as const) {
        const began = performance.now();
        await runProgram(program, args, { env });
        times[name].push(performance.now() - began);
      }
    }
    const [runc, wrapped] = [median(times.runc), median(times.wrapper)];
    results.push(`${args.includes('state') ? 'state' : '--version'}: runc ${runc} ms, wrapper ${wrapped} ms`);
  }
  return results.join('; ');
}

function median(times: readonly number[]): string {
  return (times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0).toFixed(1);
}
