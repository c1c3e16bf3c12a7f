// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import type { KubeContext } from './kube-context.js';

/** A command of `kubectl grit`. What it does is loaded when it is used: the client of the API server takes a second. */
export type KubeCommand = CommandSpec<KubeContext>;
