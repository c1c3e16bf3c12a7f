// SPDX-License-Identifier: Apache-2.0
import type { NodeRecord, PluginReport } from '@grit/core';
import type { CommandContext } from '../command-context.js';
import { formatDuration } from '../output/format-time.js';
import { formatReadiness } from '../records/node-columns.js';
import type { Finding } from './finding.js';

/** Looks at the platform, if it runs: server, queue, nodes, plugins. */
export async function examineServer({ session, stateDirectory }: CommandContext): Promise<readonly Finding[]> {
  const { signal } = new AbortController();
  const seen = await session.callIfRunning(async (api) => ({
    status: await api.status(signal),
    nodes: await api.listNodes(signal),
    plugins: await api.listPlugins(signal),
  }));
  if (seen === undefined) return [{ subject: 'server', found: 'not running; the next command starts it' }];
  const { status, nodes, plugins } = seen;
  const up = formatDuration(Date.now() - status.startedAt);
  return [
    { subject: 'server', found: `${status.version}, pid ${String(status.pid)}, up ${up}` },
    {
      subject: 'queue',
      found: status.queue,
      ...(status.queue === 'connected'
        ? {}
        : {
            problem: 'Redis does not answer',
            hint: `See ${stateDirectory}/redis/redis.log, or the URL in grit.yaml.`,
          }),
    },
    ...nodes.flatMap(examineNode),
    ...plugins.map(examinePlugin),
  ];
}

function examineNode(record: NodeRecord): Finding[] {
  const { name, facts } = record;
  const found = Object.entries(facts.facts).map(([fact, value]) => `${fact} ${value}`);
  const subject = `node ${name}`;
  const gone: Finding = {
    subject,
    found: found.join(', '),
    ...(formatReadiness(record, Date.now()) !== 'gone'
      ? {}
      : { problem: 'its agent does not answer', hint: `Start it again: grit agent --node ${name}` }),
  };
  return [gone, ...facts.problems.map(({ message, hint }) => ({ subject, found: '-', problem: message, hint }))];
}

function examinePlugin({ name, id, version, state, host, error }: PluginReport): Finding {
  return {
    subject: `plugin ${name}`,
    found: `${id} ${version}, ${state}, ${host}`,
    ...(state === 'failed'
      ? { problem: error?.message ?? 'it did not start', hint: '`grit plugin list -o wide` shows it.' }
      : {}),
  };
}
