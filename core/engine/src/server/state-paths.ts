// SPDX-License-Identifier: Apache-2.0
import { dirname, join, resolve } from 'node:path';

/** The files of a platform on one machine, all below one directory. */
export class StatePaths {
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  /** The directory that a server's socket belongs to. */
  static ofServerSocket(socket: string): StatePaths {
    return new StatePaths(dirname(dirname(resolve(socket))));
  }

  get run(): string {
    return join(this.root, 'run');
  }

  get serverSocket(): string {
    return join(this.run, 'server.sock');
  }

  get redisSocket(): string {
    return join(this.root, 'redis', 'redis.sock');
  }

  get catalog(): string {
    return join(this.root, 'catalog.db');
  }

  get logs(): string {
    return join(this.root, 'logs');
  }

  pidFile(process: string): string {
    return join(this.run, `${process}.pid`);
  }

  /** Everything of one node. */
  node(name: string): string {
    return join(this.root, 'nodes', name);
  }
}
