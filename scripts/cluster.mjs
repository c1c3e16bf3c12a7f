// SPDX-License-Identifier: Apache-2.0
// npm run cluster -- up | down | status | kubectl …: a real Kubernetes cluster on this machine; help tells the rest.
import { main } from './process/main.mjs';
import { runTypeScript } from './run-typescript.mjs';
import { setUp } from './setup.mjs';
import { installClusterPackages } from './setup/cluster-packages.mjs';

await main(async (args) => {
  await setUp('packages');
  if (['up', 'build'].includes(args[0])) await installClusterPackages();
  return await runTypeScript('test/cluster/command.ts', args);
});
