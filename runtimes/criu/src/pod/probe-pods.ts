// SPDX-License-Identifier: Apache-2.0
import { readFile, statfs } from 'node:fs/promises';
import type { NodeFacts, NodeProblem } from '@grit/plugin-api';
import { probe } from '../driver/probe.js';
import { readTextIfThere } from '../files/sealed-json.js';
import type { PodPlaces } from '../pod-checkpoint/pod-places.js';

/** See RuntimeDriver.probe: with containerd, and with what is compared before a restore on another node. */
export async function probePods({ node, client }: PodPlaces, signal: AbortSignal): Promise<NodeFacts> {
  const known = await probe(node, signal);
  const problems: NodeProblem[] = [...known.problems];
  const containerd = await client.version(signal).catch((error: unknown) => {
    const { message } = error as Error;
    problems.push({ message, hint: 'Start containerd, or set the option `containerd` to the path of its socket.' });
    return undefined;
  });
  const space = await statfs(node.settings.stateDirectory);
  const facts = {
    ...known.facts,
    ...(containerd === undefined ? {} : { containerd }),
    'cpu-flags': await cpuFlags(),
    lsm: await securityModule(),
    'free-bytes': String(space.bavail * space.bsize),
  };
  return { ready: problems.length === 0, problems, facts };
}

/** What the processor can do, sorted; all processors of a machine can do the same. */
async function cpuFlags(): Promise<string> {
  const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(await readFile('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  return line
    .split(' ')
    .filter((flag) => flag !== '')
    .sort()
    .join(' ');
}

/** The one that labels containers, by which a restored process must be let in. */
async function securityModule(): Promise<'none' | 'apparmor' | 'selinux'> {
  if ((await readTextIfThere('/sys/fs/selinux/enforce')) !== undefined) return 'selinux';
  const enabled = (await readTextIfThere('/sys/module/apparmor/parameters/enabled'))?.trim();
  return enabled === 'Y' ? 'apparmor' : 'none';
}
