// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ClusterError } from './cluster-error.js';
import { clustersDirectory } from './cluster-record.js';

// Below the range from which the kernel takes ports for outgoing connections: one that is free now stays free.
const FIRST_PORT = 20_000;
const PORTS = 10_000;

/** Takes something numbered for a cluster (a port, a subnet); two clusters that start at the same time never get the same. */
export function reserve(kind: 'port' | 'subnet', number: number, cluster: string): boolean {
  const folder = join(clustersDirectory(), `.${kind}s`);
  mkdirSync(folder, { recursive: true });
  try {
    symlinkSync(cluster, join(folder, String(number)));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Gives back everything that a cluster holds. */
export function releaseReservations(cluster: string): void {
  for (const kind of ['port', 'subnet']) {
    const folder = join(clustersDirectory(), `.${kind}s`);
    if (!existsSync(folder)) continue;
    for (const number of readdirSync(folder)) {
      const link = join(folder, number);
      if (readTarget(link) === cluster) rmSync(link, { force: true });
    }
  }
}

function readTarget(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined; // given back by its cluster meanwhile
  }
}

/** A port on which nothing listens and that no other cluster gets. Throws ClusterError when all are taken. */
export async function reservePort(cluster: string): Promise<number> {
  const start = Math.floor(Math.random() * PORTS);
  for (let i = 0; i < PORTS; i++) {
    const port = FIRST_PORT + ((start + i) % PORTS);
    if (reserve('port', port, cluster) && (await isFree(port))) return port;
  }
  throw new ClusterError(`no free port from ${FIRST_PORT} to ${FIRST_PORT + PORTS - 1}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
