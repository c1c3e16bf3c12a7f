// SPDX-License-Identifier: Apache-2.0
import {
  isSerializedGritError,
  type Json,
  type NodeFacts,
  type Progress,
  type SerializedGritError,
} from '@grit/plugin-api';
import type { AgentApi, AgentHeartbeat, AgentRegistration } from '../agent-api.js';
import { isList, isName, isNumber, isPlainObject, isPrintable, type Check } from '../request/checks.js';
import { isObject } from '../request/object-check.js';
import { checked } from './checked.js';
import type { Route } from './route.js';

/** Outputs of steps and lists of plugins are longer than what users ask. */
const AGENT_LIMIT = 1_048_576;

const isJson: Check<Json> = (value) => value as Json;
/** What the agent itself made; its parts are records that are shown, not acted on. */
function isRecord<T>(): Check<T> {
  return (value, field, problems) => {
    if (!isPlainObject(value)) problems.push(`${field}: is not an object`);
    return value as T;
  };
}
/** A driver may tell more than the contract asks for. */
const isNodeFacts: Check<NodeFacts> = (value, field, problems) => {
  const facts = value as Partial<Record<keyof NodeFacts, unknown>>;
  if (!isPlainObject(value) || typeof facts.ready !== 'boolean' || !Array.isArray(facts.problems)) {
    problems.push(`${field}: needs ready (true or false) and problems (a list)`);
  }
  return value as NodeFacts;
};
const isError: Check<SerializedGritError> = (value, field, problems) => {
  if (!isSerializedGritError(value)) problems.push(`${field}: is not an error`);
  return value as SerializedGritError;
};

const agent = { node: ['needed', isName], incarnation: ['needed', isPrintable(1, 200)] } as const;
const isRegistration = isObject<AgentRegistration>({
  ...agent,
  facts: ['needed', isNodeFacts],
  plugins: ['needed', isList(0, 1_000, isRecord())],
});
const isHeartbeat = isObject<AgentHeartbeat>({ ...agent, workloads: ['needed', isList(0, 10_000, isRecord())] });

const step = {
  operation: ['needed', isName],
  name: ['needed', isName],
  token: ['needed', isPrintable(1, 200)],
} as const;
interface Step {
  readonly operation: string;
  readonly name: string;
  readonly token: string;
}
const isStep = isObject<Step>(step);
const isProgress = isObject<Progress>({
  phase: ['needed', isPrintable(1, 100)],
  doneBytes: ['needed', isNumber(0, Number.MAX_SAFE_INTEGER)],
  totalBytes: ['optional', isNumber(0, Number.MAX_SAFE_INTEGER)],
});
const isStepProgress = isObject<Step & { progress: Progress }>({ ...step, progress: ['needed', isProgress] });
const isOutput = isObject<Step & { output: Json }>({ ...step, output: ['needed', isJson as Check<NonNullable<Json>>] });
const isFailure = isObject<Step & { error: SerializedGritError }>({ ...step, error: ['needed', isError] });

/** The table of what agents may ask. */
export function agentRoutes(agents: AgentApi): readonly Route[] {
  const route = (path: string, answer: Route['answer'] & object): Route => ({
    method: 'POST',
    path,
    limit: AGENT_LIMIT,
    answer,
  });
  return [
    route('/v1/agents/register', async ({ body, signal }) => agents.register(checked(isRegistration, body), signal)),
    route('/v1/agents/heartbeat', async ({ body, signal }) => ({
      known: await agents.heartbeat(checked(isHeartbeat, body), signal),
    })),
    route('/v1/steps/claim', async ({ body, signal }) => agents.claim(checked(isStep, body), signal)),
    route('/v1/steps/progress', async ({ body, signal }) => ({
      abort: await agents.progress(checked(isStepProgress, body), signal),
    })),
    route('/v1/steps/finish', async ({ body, signal }) => {
      if (isPlainObject(body) && Object.hasOwn(body, 'error')) {
        const { error, ...failed } = checked(isFailure, body);
        return agents.finish(failed, { error }, signal);
      }
      const { output, ...done } = checked(isOutput, body);
      return agents.finish(done, { output }, signal);
    }),
  ];
}
