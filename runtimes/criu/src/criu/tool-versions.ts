// SPDX-License-Identifier: Apache-2.0
import { release, arch } from 'node:os';
import { cgroupVersion } from '../cgroup/container-cgroup.js';
import type { NodeEnvironment } from '../node-environment.js';
import { runProgram } from '../process/run-program.js';

/** Versions that decide what can be dumped and where it can be restored. Empty when a tool is missing. */
export interface ToolVersions {
  readonly criu: string;
  readonly runc: string;
  readonly kernel: string;
  readonly arch: string;
  readonly cgroup: string;
}

/** Asks the tools. */
export async function toolVersions(node: NodeEnvironment): Promise<ToolVersions> {
  const options = { env: node.env, signal: new AbortController().signal };
  const [criu, runc, cgroup] = await Promise.all([
    runProgram('criu', ['--version'], options),
    runProgram(node.config.runc, ['--version'], options),
    cgroupVersion(),
  ]);
  return {
    criu: criu.code === 0 ? (/Version: (\S+)/.exec(criu.output)?.[1] ?? '') : '',
    runc: runc.code === 0 ? (/version (\S+)/.exec(runc.output)?.[1] ?? '') : '',
    kernel: release(),
    arch: arch(),
    cgroup,
  };
}

/** Compares by the first two numbers: negative when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [[majorA = 0, minorA = 0], [majorB = 0, minorB = 0]] = [numbers(a), numbers(b)];
  return majorA - majorB || minorA - minorB;
}

function numbers(version: string): number[] {
  return version
    .split(/[^0-9]+/)
    .slice(0, 2)
    .map(Number);
}
