// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runtimeDriverSuite, type RuntimeSubject } from '@grit/plugin-testing';
import manifest from '../package.json' with { type: 'json' };
import { missingTools } from './node/missing-tools.js';
import { TestNode } from './node/test-node.js';

const COUNTER = 'i=0; while :; do i=$((i+1)); echo "line $i"; sleep 0.02; done';
const nodes = new WeakMap<object, TestNode>();

describe('runtime-criu', () => {
  before(async function () {
    const missing = await missingTools();
    if (missing !== undefined) this.skip(missing);
  });

  runtimeDriverSuite({
    capabilities: manifest.grit.capabilities,
    create: async () => subjectOf(await TestNode.open()),
    destroy: async (subject) => nodes.get(subject)?.close(),
    probeWithoutTool: async () => {
      const node = await TestNode.open({ runc: '/nonexistent/runc' });
      try {
        return await node.driver.probe(new AbortController().signal);
      } finally {
        await node.close();
      }
    },
  });
});

async function subjectOf(node: TestNode): Promise<RuntimeSubject> {
  const directory = join(node.directory, 'suite');
  await mkdir(directory, { recursive: true });
  const subject: RuntimeSubject = {
    driver: node.driver,
    launcher: node.launcher,
    directory,
    spec: (name) => ({ name, command: ['sh', '-c', COUNTER] }),
    progressOf: async (workload) => (await node.log(workload)).split('\n').length - 1,
    reopen: async () => {
      const next = await node.reopen();
      return { driver: next.driver, launcher: next.launcher };
    },
  };
  nodes.set(subject, node);
  return subject;
}
