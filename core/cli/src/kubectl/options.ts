// SPDX-License-Identifier: Apache-2.0
import type { OptionSpec } from '../arguments/command-spec.js';
import type { Program } from '../arguments/program.js';
import { COMMON_OPTIONS } from '../arguments/shared-options.js';

const SHARED = COMMON_OPTIONS.filter(({ name }) => name === 'output' || name === 'help');

/** `kubectl grit`, with the options by which kubectl finds the cluster. */
export const KUBECTL_GRIT: Program = {
  name: 'kubectl grit',
  options: [
    ...SHARED.filter(({ name }) => name === 'output'),
    {
      name: 'namespace',
      short: 'n',
      value: 'NAME',
      completes: 'namespaces',
      summary: 'namespace (default: that of the context)',
    },
    { name: 'context', value: 'NAME', summary: 'context of the kubeconfig (default: its current one)' },
    {
      name: 'kubeconfig',
      value: 'FILE',
      completes: 'files',
      summary: 'how to reach the cluster (default: $KUBECONFIG, ~/.kube/config)',
    },
    ...SHARED.filter(({ name }) => name === 'help'),
  ],
};

/** Where images go: at most one of the two. */
export const STORAGE_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'claim',
    value: 'NAME',
    completes: 'claims',
    summary: 'PersistentVolumeClaim in the namespace of the pod that takes the image',
  },
  {
    name: 'store',
    value: 'NAME',
    completes: 'stores',
    summary: 'CheckpointStore that takes the image (default: the one that is the default)',
  },
];

export const WAIT_OPTIONS: readonly OptionSpec[] = [
  { name: 'wait', summary: 'wait for the end, show progress, exit with the outcome' },
  {
    name: 'timeout',
    value: 'DURATION',
    summary: 'longest wait, like 90s or 1h30m; then the work goes on without being watched (default: no limit)',
  },
];
