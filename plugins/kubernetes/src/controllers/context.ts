// SPDX-License-Identifier: Apache-2.0
import type { AdmissionContext } from '../admission/admission-context.js';
import type { Controller } from '../kit/controller.js';
import type { EventRecorder } from '../kit/event-recorder.js';
import type { StepDispatcher } from '../steps/step-dispatcher.js';
import type { Informers } from './informers.js';

/** What every controller works with. */
export interface ControlContext extends AdmissionContext {
  readonly informers: Informers;
  readonly dispatcher: StepDispatcher;
  readonly events: EventRecorder;
  /** Of this process. */
  readonly identity: string;
}

/** A controller before it is started: once for each time that this process leads. */
export interface ControllerDefinition {
  readonly name: string;
  /** Begins to listen to the caches, which are filled; whoever calls it runs the controller. */
  start(context: ControlContext, signal: AbortSignal): Controller;
}
