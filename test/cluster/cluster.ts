// SPDX-License-Identifier: Apache-2.0
import type { ClusterNode } from './cluster-node.js';

export interface ClusterOptions {
  /** Default: a random one. */
  readonly name?: string;
  /** Names of the nodes, at most 4; default none: only the control plane, which needs no root. */
  readonly nodes?: readonly string[];
  /** It stays when this process ends, until it is taken down by `npm run cluster -- down`; default false. */
  readonly detached?: boolean;
  /**
   * Whether containerd has the handler `grit` from the start; default true. Without it whoever brings it finds containerd as on any
   * machine: with a folder for more configuration, and started again when it ends.
   */
  readonly handler?: boolean;
  /** Default false; true: its API server writes down who of the namespace grit-system asked what of it, in `Cluster.auditLog`. */
  readonly audit?: boolean;
}

/** A program of the control plane. Everything waits until it is so. */
export interface ClusterService {
  /** Does nothing where it runs. */
  start(): Promise<void>;
  /** Asks it to end. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

export interface Etcd {
  /**
   * Stops and starts it. With `compact`, all old revisions are forgotten and the API server starts anew too, so that
   * every watch resumed from a resource version of before is answered 410.
   */
  restart(options?: { readonly compact?: boolean }): Promise<void>;
}

/** A Kubernetes cluster of our own on this machine. */
export interface Cluster {
  readonly name: string;
  /** Logs, keys and data; gone after `stop`. */
  readonly directory: string;
  /** https://ADDRESS:PORT */
  readonly server: string;
  /** Path of a kubeconfig that may do everything. */
  readonly kubeconfig: string;
  /** The host's address, as the API server and the nodes reach it. */
  readonly address: string;
  /** Where the API server writes what was asked of it, a JSON object a line; only with `audit`. */
  readonly auditLog: string;
  readonly apiServer: ClusterService;
  readonly etcd: Etcd;
  readonly controllerManager: ClusterService;
  readonly scheduler: ClusterService;
  /**
   * Path of a kubeconfig that may do what the service account may, for 24 h. The account must exist; with `node`, the
   * token is bound to that Node, as the one of a pod there is.
   */
  kubeconfigFor(
    serviceAccount: { readonly namespace: string; readonly name: string },
    options?: { readonly node?: string },
  ): Promise<string>;
  /** Resolves with stdout; throws ClusterError with stderr. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** `kubectl apply --server-side` of YAML or JSON. */
  kubectlApply(manifest: string): Promise<string>;
  /** Throws ClusterError where there is none of that name. */
  node(name: string): ClusterNode;
  /** Ends everything and removes all traces; may be called twice. */
  stop(): Promise<void>;
}
