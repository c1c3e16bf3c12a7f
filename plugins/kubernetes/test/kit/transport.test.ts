// SPDX-License-Identifier: Apache-2.0
import { ok, rejects } from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ServerClock } from '../../src/kit/server-clock.js';
import { Transport } from '../../src/kit/transport.js';

describe('a kubeconfig that cannot be read', () => {
  let directory: string;
  before(async () => (directory = await mkdtemp(join(tmpdir(), 'grit-kubeconfig-'))));
  after(() => rm(directory, { recursive: true, force: true }));

  it('is named, and the token in it is not', async () => {
    const kubeconfig = join(directory, 'config');
    await writeFile(kubeconfig, 'apiVersion: v1\nusers:\n- user: {token: "s3cr3t-t0ken"\n  name: [\n');
    const open = Transport.open({ kubeconfig, userAgent: 'test', maxConcurrent: 1, clock: new ServerClock() });
    await rejects(open, (error: Error) => {
      ok(error.message.includes(kubeconfig));
      ok(!inspect(error, { depth: 9 }).includes('s3cr3t'), 'the token is told');
      return (error as Error & { code?: string }).code === 'GRIT_KUBE_CONFIG_INVALID';
    });
  });
});
