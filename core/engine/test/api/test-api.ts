// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { AgentClient } from '../../src/api/client/agent-client.js';
import { PlatformClient } from '../../src/api/client/platform-client.js';
import { serveApi, type ApiServer, type ServeApiOptions } from '../../src/api/serve-api.js';
import { SqliteCatalog } from '../../src/catalog/sqlite-catalog.js';
import { CatalogAgents } from './catalog-agents.js';
import { CatalogPlatform } from './catalog-platform.js';

export interface RawAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A real catalog behind a real socket, in a directory of its own. */
export class TestApi {
  readonly directory = mkdtempSync(join(tmpdir(), 'grit-api-'));
  readonly socketPath = join(this.directory, 'run', 'server.sock');
  readonly catalog = new SqliteCatalog(join(this.directory, 'catalog.db'));
  readonly platform = new CatalogPlatform(this.catalog);
  readonly agents = new CatalogAgents(this.catalog);
  readonly client = new PlatformClient(this.socketPath, { patienceMs: 5_000 });
  readonly agent = new AgentClient(this.socketPath);
  server: ApiServer | undefined;

  async serve(options: Partial<ServeApiOptions> = {}): Promise<ApiServer> {
    const { socketPath, platform, agents } = this;
    this.server = await serveApi({ socketPath, platform, agents, ...options });
    return this.server;
  }

  async remove(): Promise<void> {
    this.client.close();
    this.agent.close();
    await this.server?.close();
    this.catalog.close();
    rmSync(this.directory, { recursive: true });
  }

  /** What any HTTP client would see. */
  async raw(method: string, path: string, body?: string): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      const call = request({ socketPath: this.socketPath, method, path, agent: false }, (response) => {
        text(response).then(
          (read) => resolve({ status: response.statusCode ?? 0, body: read, headers: response.headers }),
          reject,
        );
      });
      call.once('error', reject);
      call.end(body);
    });
  }
}
