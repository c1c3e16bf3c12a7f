// SPDX-License-Identifier: Apache-2.0
import type { Json, NodeFacts, Progress, SerializedGritError, WorkloadStatus } from '@grit/plugin-api';
import type { StepRecord } from '../catalog/catalog.js';
import type { PluginReport } from './platform-api.js';

/** What an agent says when it starts. */
export interface AgentRegistration {
  readonly node: string;
  readonly incarnation: string;
  readonly facts: NodeFacts;
  readonly plugins: readonly PluginReport[];
}

/** What an agent says every few seconds. */
export interface AgentHeartbeat {
  readonly node: string;
  readonly incarnation: string;
  readonly workloads: readonly WorkloadStatus[];
}

/** What an agent asks of the server. The queue wakes an agent; only this tells it what to do. */
export interface AgentApi {
  register(registration: AgentRegistration, signal: AbortSignal): Promise<void>;
  /** False when the server does not know this incarnation: register again. */
  heartbeat(heartbeat: AgentHeartbeat, signal: AbortSignal): Promise<boolean>;
  /** Throws GRIT_STEP_FENCED. */
  claim(
    step: { readonly operation: string; readonly name: string; readonly token: string },
    signal: AbortSignal,
  ): Promise<StepRecord>;
  /** Throws GRIT_STEP_FENCED; true means that the step is to be aborted. */
  progress(
    step: { readonly operation: string; readonly name: string; readonly token: string; readonly progress: Progress },
    signal: AbortSignal,
  ): Promise<boolean>;
  finish(
    step: { readonly operation: string; readonly name: string; readonly token: string },
    result: { readonly output: Json } | { readonly error: SerializedGritError },
    signal: AbortSignal,
  ): Promise<void>;
}
