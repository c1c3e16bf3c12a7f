// SPDX-License-Identifier: Apache-2.0
import type { Completable } from '../arguments/command-spec.js';
import type { Session } from '../platform/session.js';

const MOST_OPERATIONS = 20;

/** Names that the server knows; none when it does not run, for a completion starts nothing. */
export async function listNames(session: Session, what: Exclude<Completable, 'files'>): Promise<readonly string[]> {
  const { signal } = new AbortController();
  const names = await session.callIfRunning(async (api) => {
    switch (what) {
      case 'workloads':
        return (await api.listWorkloads(signal)).map(({ workload }) => workload.name);
      case 'checkpoints':
        return (await api.listCheckpoints({}, signal)).map(({ id }) => id);
      case 'operations':
        return (await api.listOperations({ limit: MOST_OPERATIONS }, signal)).map(({ id }) => id);
      case 'nodes':
        return (await api.listNodes(signal)).map(({ name }) => name);
      default:
        return [];
    }
  });
  return names ?? [];
}
