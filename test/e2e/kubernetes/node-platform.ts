// SPDX-License-Identifier: Apache-2.0
import type { Cluster } from '../../cluster/index.js';

/** Real nodes with GRIT, however it came to be there. */
export abstract class NodePlatform {
  constructor(readonly cluster: Cluster) {}

  /** The last lines of everybody's log. */
  abstract logTails(lines: number): Promise<string>;

  /** Ends all of it and the cluster. */
  abstract stop(): Promise<void>;

  kubectl(...args: string[]): Promise<string> {
    return this.cluster.kubectl(...args);
  }

  /** The value at a JSON path of an object, KIND/NAME, or of a list, KIND; empty where there is none. */
  async valueOf(what: string, path: string, ...more: string[]): Promise<string> {
    return (await this.kubectl('get', what, '-o', `jsonpath=${path}`, ...more)).trim();
  }

  /** A CheckpointStore in a directory that all nodes see, which everybody uses who names none; returns when they can. */
  async makeStore(path: string): Promise<void> {
    const metadata = { name: 'default', annotations: { 'grit.dev/is-default-store': 'true' } };
    const spec = { plugin: 'storage-pvc', config: { path } };
    const store = { apiVersion: 'kaito.sh/v1alpha1', kind: 'CheckpointStore', metadata, spec };
    await this.cluster.kubectlApply(JSON.stringify(store));
    await this.wait('checkpointstore/default', 'jsonpath={.status.phase}=Ready');
  }

  /** `kubectl wait`; the error says how everything is. */
  async wait(what: string, condition: string, ...more: string[]): Promise<void> {
    try {
      await this.kubectl('wait', what, `--for=${condition}`, '--timeout=180s', ...more);
    } catch (error) {
      const state = await this.kubectl('get', 'ckpt,rt,migration,pods', '-A', '-o', 'yaml').catch(String);
      const events = await this.kubectl('get', 'events', '-A', '--sort-by=.lastTimestamp').catch(String);
      const told = `${state.slice(0, 20_000)}\n${events.slice(-6_000)}\n${await this.logTails(60)}`;
      throw new Error(`${String(error)}\n${told}`, { cause: error });
    }
  }
}
