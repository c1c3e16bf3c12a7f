// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StorageProvider, Trigger } from '@grit/plugin-api';
import { storageProviderSuite } from '../src/storage/storage-provider-suite.js';
import { MemoryLogger } from '../src/platform/memory-logger.js';
import { NEVER, eventually } from '../src/suites/expect.js';
import { MemoryOperations } from '../src/suites/trigger/memory-operations.js';

const ROOT = join(import.meta.dirname, '../../..');

describe('docs/guides/write-a-plugin.md', () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-guide-'));
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
    const guide = await readFile(join(ROOT, 'docs/guides/write-a-plugin.md'), 'utf8');
    await mkdir(join(directory, 'src'));
    for (const [, file = '', code = ''] of guide.matchAll(/```js\n\/\/ (src\/[a-z-]+\.js)(.*?)```/gs)) {
      await writeFile(join(directory, file), `// ${code}`);
    }
  });

  after(() => rm(directory, { recursive: true }));

  async function load<T>(file: string): Promise<T> {
    return (await import(pathToFileURL(join(directory, 'src', file)).href)) as T;
  }

  storageProviderSuite({
    title: 'its storage',
    create: async () => {
      interface Module {
        readonly ArchiveStorage: new (directory: string) => StorageProvider;
      }
      const { ArchiveStorage } = await load<Module>('archive-storage.js');
      const place = await mkdtemp(join(tmpdir(), 'grit-archive-'));
      const open = (): StorageProvider => new ArchiveStorage(join(place, 'images'));
      const scratch = join(place, 'scratch');
      await mkdir(scratch);
      return { storage: open(), directory: scratch, reopen: async () => open() };
    },
    destroy: async ({ directory: scratch }) => rm(join(scratch, '..'), { recursive: true }),
    damage: false,
  });

  it('its trigger asks once for each interval and ends when it is told', async () => {
    interface Module {
      readonly Heartbeat: new (options: object) => Trigger;
    }
    const { Heartbeat } = await load<Module>('heartbeat.js');
    const operations = new MemoryOperations();
    const logger = new MemoryLogger();
    const everyMs = 100;
    const trigger = new Heartbeat({ name: 'heartbeat', workload: 'train', everyMs, logger });
    await trigger.start(operations, NEVER);
    await eventually('a checkpoint is asked for', () => operations.all.length > 0);
    operations.end(operations.all[0]?.id ?? '', { phase: 'Succeeded', outcome: 'Checkpointed' });
    await eventually('its end is told', () => logger.lines.some(({ fields }) => fields['outcome'] === 'Checkpointed'));
    await eventually('the next one is asked for', () => operations.all.length > 1);
    await trigger.stop(NEVER);
  });
});
