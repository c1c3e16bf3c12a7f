// SPDX-License-Identifier: Apache-2.0
import { untilSignal } from '../server/until-signal.js';
import { startAgent, type AgentOptions } from './start-agent.js';

/** `grit agent`: runs until a signal ends it. */
export async function runAgent(options: AgentOptions): Promise<void> {
  const end = untilSignal();
  const agent = await startAgent(options, end.signal);
  await end.reached;
  await agent.stop();
}
