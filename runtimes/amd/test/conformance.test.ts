// SPDX-License-Identifier: Apache-2.0
import { stubDriverSuite, type StubSubject } from '@grit/plugin-testing';
import manifest from '../package.json' with { type: 'json' };
import { AmdRuntimeDriver } from '../src/driver/amd-runtime-driver.js';
import { makeNode, removeNode, WHOLE } from './fake-node.js';

for (const [title, files] of [
  ['runtime-amd, on a node with everything', WHOLE],
  ['runtime-amd, on a node with nothing', {}],
] as const) {
  stubDriverSuite({
    title,
    capabilities: manifest.grit.capabilities,
    create: async (): Promise<StubSubject> => {
      const root = await makeNode(files);
      return { driver: new AmdRuntimeDriver({ root, criuPluginDirectory: undefined }), directory: root };
    },
    destroy: async ({ directory }) => removeNode(directory),
  });
}
