// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { GritError } from '@grit/plugin-api';
import type { OurShim } from './our-shim.js';

/** Words before a command that is to see the node's files: it runs in the mounts of the shim, and in the network of this pod. */
export function enterNode({ pid }: Pick<OurShim, 'pid'>): readonly string[] {
  return ['nsenter', `--target=${pid}`, '--mount', '--'];
}

/** Runs a command among the node's files; what it writes goes where ours goes. Throws GRIT_INTERNAL when it fails. */
export async function runOnNode(shim: OurShim, command: readonly string[]): Promise<void> {
  const [program = '', ...args] = [...enterNode(shim), ...command];
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], cwd: '/' });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (code === 0) return;
  throw new GritError('GRIT_INTERNAL', `on the node, ${command.slice(0, 3).join(' ')} … ended with ${signal ?? code}`);
}
