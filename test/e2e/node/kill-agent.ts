// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ClusterNode } from '../../cluster/index.js';
import { runProgram } from '../../cluster/run-program.js';

/** Kills the agent that runs on the node, as the machine does when it is out of memory: without a word. The kubelet starts it anew. */
export async function killAgent(node: ClusterNode): Promise<void> {
  const [program = '', ...enter] = node.enter;
  // Other clusters on this machine may have nodes of the same name.
  const mounts = (await runProgram(program, [...enter, 'readlink', '/proc/self/ns/mnt'])).trim();
  const agents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => isAgent(pid, node.name) && readlinkSync(`/proc/${pid}/ns/mnt`) === mounts);
  if (agents.length !== 1) throw new Error(`${agents.length} agents run on ${node.name}`);
  process.kill(Number(agents[0]), 'SIGKILL');
}

function isAgent(pid: string, node: string): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    // Not the shell that has the same words behind its own.
    return /\/node$/.test(words[0] ?? '') && words.join(' ').includes(` agent --no-server --node ${node} `);
  } catch {
    return false;
  }
}
