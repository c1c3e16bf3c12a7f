// SPDX-License-Identifier: Apache-2.0
import type { AgentApi, AgentHeartbeat, AgentRegistration } from '../../src/api/agent-api.js';
import type { SqliteCatalog } from '../../src/catalog/sqlite-catalog.js';

/** What agents are answered from the catalog alone. */
export class CatalogAgents implements AgentApi {
  readonly registrations: AgentRegistration[] = [];
  readonly heartbeats: AgentHeartbeat[] = [];
  abort = false;

  constructor(private readonly catalog: SqliteCatalog) {}

  async register(registration: AgentRegistration): Promise<void> {
    this.registrations.push(registration);
    this.catalog.recordNode({ ...registration, name: registration.node });
  }

  async heartbeat(heartbeat: AgentHeartbeat): Promise<boolean> {
    this.heartbeats.push(heartbeat);
    return this.catalog.touchNode(heartbeat.node, heartbeat.incarnation);
  }

  claim: AgentApi['claim'] = async ({ operation, name, token }) => this.catalog.claimStep(operation, name, token);

  progress: AgentApi['progress'] = async ({ operation, name, token, progress }) => {
    this.catalog.progressStep(operation, name, token, progress);
    return this.abort;
  };

  finish: AgentApi['finish'] = async ({ operation, name, token }, result) => {
    this.catalog.finishStep(operation, name, token, result);
  };
}
