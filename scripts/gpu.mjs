// SPDX-License-Identifier: Apache-2.0
// npm run test:gpu [-- --simulated] [--rounds N] [--mib N,N…] [--json FILE]: the acceptance with a GPU; test/gpu/README.md.
import { buildCount } from './gpu/build-count.mjs';
import { buildSimulation } from './gpu/build-simulation.mjs';
import { main } from './process/main.mjs';
import { runTypeScript } from './run-typescript.mjs';
import { setUp } from './setup.mjs';
import { installCriu } from './setup/criu.mjs';

await main(async (args) => {
  await setUp('build');
  // Not all that workloads in general need: PyTorch is used where it is there, and only with the GPU.
  if (process.getuid() === 0) await installCriu();
  await buildCount();
  if (args.includes('--simulated')) await buildSimulation();
  return await runTypeScript('test/gpu/run.ts', args);
});
