// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { GritError, toGritError } from '@grit/plugin-api';
import { configureNode, type NodeWork } from './configure-node.js';
import { copyPrograms } from './copy-programs.js';
import { whyNotPublished } from './is-published.js';
import { findOurShim } from './our-shim.js';
import { currentOf, USUAL_PLACE, type NodePlace } from './place.js';
import { restoreNode } from './restore-node.js';
import { runAgent } from './run-agent.js';
import { runOnNode } from './run-on-node.js';

const HELP = `grit-node COMMAND: what the pod of the agent does with its node; it needs hostPID and privileges

  install    copy the programs to the node, give containerd the handler grit, restart it where that is new
  run        become the agent of the node (--node NAME --config FILE)
  started    say by the exit code whether that agent is at work (--node NAME)
  uninstall  take all of it back
  wait       do nothing until a signal comes

  --directory DIR  of the programs on the node, mounted here at the same path (default ${USUAL_PLACE.directory})
`;

/** Where the image has what is copied to the node. */
const PROGRAMS = '/opt/grit';
const WITHIN_MS = 300_000;

/** `grit-node`. Resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(args);
  } catch (error) {
    const { code, message, hint } = toGritError(error);
    process.stderr.write(`error: ${message} (${code})\nnext: ${hint}\n`);
    return 1;
  }
}

async function run(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const options = { directory: text, mounted: text, node: text, config: text, socket: text, near: text };
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const place = { ...USUAL_PLACE, directory: values.directory ?? USUAL_PLACE.directory };
  const signal = AbortSignal.timeout(WITHIN_MS);
  switch (positionals[0]) {
    case 'install':
      return await withPrograms(place, values.mounted ?? place.directory, 'configure');
    case 'uninstall':
      return await withPrograms(place, values.mounted ?? place.directory, 'restore');
    case 'configure':
      await configureNode(nodeWork(place, values, signal));
      return 0;
    case 'restore':
      await restoreNode(nodeWork(place, values, signal));
      return 0;
    case 'run': {
      const { node, config } = values;
      if (node === undefined || config === undefined)
        throw new GritError('GRIT_USAGE', 'run needs --node and --config');
      return await runAgent({ place, node, config }, signal);
    }
    case 'started': {
      const why = await whyNotPublished(values.node ?? process.env['NODE_NAME'] ?? '');
      if (why !== undefined) say(why);
      return why === undefined ? 0 : 1;
    }
    case 'wait':
      return await untilSignal();
    default:
      process.stderr.write(HELP);
      return 2;
  }
}

/** Both halves work with the programs of this image, whatever an earlier try has left on the node. */
async function withPrograms(place: NodePlace, mounted: string, half: 'configure' | 'restore'): Promise<number> {
  const copied = await copyPrograms(PROGRAMS, mounted);
  say(copied ? `programs: copied to ${place.directory}` : `programs: ${place.directory} has them`);
  const shim = await findOurShim();
  const programs = currentOf(place);
  const command = [
    join(programs, 'bin/node'),
    join(programs, 'node_modules/@grit/runtime-criu/bin/grit-node.js'),
    half,
  ];
  const options = ['--directory', place.directory, '--socket', shim.containerdSocket, '--near', String(shim.pid)];
  await runOnNode(shim, [...command, ...options]);
  return 0;
}

function untilSignal(): Promise<number> {
  const timer = setInterval(() => undefined, 60_000);
  return new Promise((resolve) => {
    const end = (): void => {
      clearInterval(timer);
      resolve(0);
    };
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, end);
  });
}

function nodeWork(place: NodePlace, values: { socket?: string; near?: string }, signal: AbortSignal): NodeWork {
  const { socket, near } = values;
  if (socket === undefined || near === undefined)
    throw new GritError('GRIT_USAGE', 'this is called by install and uninstall');
  return { place, containerdSocket: socket, near: Number(near), say, signal };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
