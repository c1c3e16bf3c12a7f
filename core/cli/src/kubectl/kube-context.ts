// SPDX-License-Identifier: Apache-2.0
import type { OutputFormat } from '../arguments/shared-options.js';
import type { Terminal } from '../output/terminal.js';

/** How the cluster is reached, as kubectl is told. */
export interface ClusterPlace {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
}

/** What a command of `kubectl grit` works with. */
export interface KubeContext {
  readonly terminal: Terminal;
  readonly format: OutputFormat;
  readonly place: ClusterPlace;
}
