// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import type { NodeFacts, NodeProblem } from '@grit/plugin-api';
import { compareVersions, toolVersions } from '../criu/tool-versions.js';
import type { NodeEnvironment } from '../node-environment.js';
import { runProgram } from '../process/run-program.js';

/** Older ones fail on the kernels of today. */
const OLDEST_CRIU = '4.0';

/** See RuntimeDriver.probe. */
export async function probe(node: NodeEnvironment, signal: AbortSignal): Promise<NodeFacts> {
  const problems: NodeProblem[] = [];
  const missing = (message: string, hint: string): void => void problems.push({ message, hint });
  const versions = await toolVersions(node);
  if (process.getuid?.() !== 0) missing('not root', 'The agent needs root to freeze and dump other processes.');
  if (versions.criu === '') missing('criu is missing', 'Run the set-up, or set criuDirectory to where criu is.');
  else if (compareVersions(versions.criu, OLDEST_CRIU) < 0) {
    missing(`criu ${versions.criu} is older than ${OLDEST_CRIU}`, 'Run the set-up, or install a newer one.');
  }
  if (versions.runc === '') missing('runc is missing', 'apt-get install runc, or set runc to its path.');
  const systems = await readFile('/proc/filesystems', 'utf8');
  if (!systems.includes('\toverlay\n')) missing('no overlay file system', 'modprobe overlay');
  const options = { env: node.env, signal };
  for (const [program, packageName] of [
    ['tar', 'tar'],
    ['mkfs.ext4', 'e2fsprogs'],
    ['mount', 'mount'],
  ] as const) {
    const { code } = await runProgram('sh', ['-c', 'command -v "$1"', 'sh', program], options);
    if (code !== 0) missing(`${program} is missing`, `apt-get install ${packageName}`);
  }
  const facts = Object.entries(versions).filter(([, value]) => value !== '');
  // A node without devices is good for workloads without: what is missing is a fact.
  const devices = await node.devices?.probe(signal);
  return { ready: problems.length === 0, problems, facts: { ...Object.fromEntries(facts), ...devices?.facts } };
}
