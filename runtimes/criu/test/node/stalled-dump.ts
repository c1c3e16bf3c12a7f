// SPDX-License-Identifier: Apache-2.0
// node --import tsx stalled-dump.ts DIRECTORY WORKLOAD: an agent whose sink stops taking pages in the middle of a dump, and says so.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FileImageSink } from '@grit/plugin-testing';
import { NEVER, TestNode } from './test-node.js';

const [directory = '', name = ''] = process.argv.slice(2);

class StallingSink extends FileImageSink {
  override async ready(): Promise<void> {
    process.stdout.write('stalled\n');
    await new Promise(() => setInterval(() => undefined, 1_000));
  }
}

const node = await TestNode.open({}, directory);
const sink = new StallingSink(join(directory, 'c-1'));
await mkdir(sink.directory, { recursive: true });
await node.driver.checkpoint({ kind: 'container', name }, sink, { checkpoint: 'c-1', tcp: 'refuse' }, NEVER);
