// SPDX-License-Identifier: Apache-2.0
// npm run demo [-- --break]: a training job undisturbed, and the same job checkpointed, stopped and restored on a second node.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperationStatus } from '@grit/plugin-api';
import { damageImage } from './damage-image.js';
import { exitOf, GritCommand } from './grit-command.js';
import { phaseTable } from './phase-table.js';

const TRAIN = ['/usr/bin/python3', join(import.meta.dirname, 'train.py')];
const CHECKPOINT_AT_STEP = 60;

/** Follows the job's log up to the line that `found` accepts. */
async function lineOf(grit: GritCommand, name: string, found: (line: string) => boolean): Promise<string> {
  for await (const line of grit.follow(name)) if (found(line)) return line;
  throw new Error(`${name} ended before the line that was waited for`);
}

const hashOf = (grit: GritCommand, name: string): Promise<string> =>
  lineOf(grit, name, (line) => line.startsWith('weights sha256')).then((line) => line.split(' ').at(-1) ?? '');

async function demo(directory: string, damage: boolean): Promise<number> {
  const grit = new GritCommand(join(directory, 'state'));
  const agent = { node: 'b', process: undefined as ReturnType<GritCommand['background']> | undefined };
  try {
    console.log('\n1. The job undisturbed');
    await grit.succeed('run', '--name', 'undisturbed', '--', ...TRAIN);
    const expected = await hashOf(grit, 'undisturbed');

    console.log(`\n2. The same job, frozen after step ${CHECKPOINT_AT_STEP}, stored, and stopped`);
    await grit.succeed('run', '--name', 'train', '--', ...TRAIN);
    const last = await lineOf(grit, 'train', (line) => line.startsWith(`step ${CHECKPOINT_AT_STEP} `));
    console.log(`  ${last}`);
    const checkpoint = await grit.json<OperationStatus>('checkpoint', 'train', '--after', 'stop');

    console.log('\n3. It goes on, on a second node');
    agent.process = grit.background('agent', '--node', 'b', '--state-dir', join(directory, 'b'));
    await nodeReady(grit, 'b');
    if (damage) {
      console.log(`  one byte turned in ${await damageImage(join(directory, 'state', 'store'))}`);
      const refused = await grit.run('restore', '--workload', 'train', '--node', 'b');
      console.error(refused.stderr);
      return refused.code === 0 ? 1 : refused.code;
    }
    const restore = await grit.json<OperationStatus>('restore', '--workload', 'train', '--node', 'b');
    const actual = await hashOf(grit, 'train');

    console.log(`\n${phaseTable([checkpoint, restore])}`);
    console.log(`\n  undisturbed  ${expected}\n  checkpointed ${actual}`);
    console.log(expected === actual ? '  equal to the bit' : '  NOT EQUAL');
    return expected === actual ? 0 : 1;
  } finally {
    for (const name of ['undisturbed', 'train']) {
      await grit.run('stop', name, '--grace', '0s');
      await grit.run('delete', 'workload', name);
    }
    if (agent.process !== undefined) {
      agent.process.kill();
      await exitOf(agent.process);
    }
    await grit.run('stop');
  }
}

async function nodeReady(grit: GritCommand, name: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const nodes = await grit.json<readonly { readonly name: string }[]>('get', 'nodes');
    if (nodes.some((node) => node.name === name)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`node ${name} did not come up`);
}

const directory = await mkdtemp('/var/tmp/grit-demo-');
try {
  process.exitCode = await demo(directory, process.argv.includes('--break'));
} finally {
  await rm(directory, { recursive: true, force: true });
}
