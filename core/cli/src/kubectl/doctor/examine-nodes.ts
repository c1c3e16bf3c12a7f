// SPDX-License-Identifier: Apache-2.0
import { GRIT_NODES, NODES, type GritNode, type KubeClient, type KubeNode } from '@grit/plugin-kubernetes';
import type { Finding } from '../../doctor/finding.js';
import { readVersion } from '../../platform/read-version.js';
import { allowed } from '../order/choose-storage.js';

/** Ready nodes are one finding together; each other one has its own. */
const MOST_NAMED = 8;

/** Whether the agents of the nodes can work, and why not. */
export async function examineNodes(client: KubeClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const [ours, nodes] = await Promise.all([
    client.list<GritNode>(GRIT_NODES, {}, signal),
    allowed(client.list<KubeNode>(NODES, {}, signal)),
  ]);
  return findingsOf(ours.items, nodes?.items, readVersion());
}

/** The same from facts alone; `nodes` is undefined where they may not be looked at. */
export function findingsOf(
  gritNodes: readonly GritNode[],
  nodes: readonly KubeNode[] | undefined,
  version: string,
): readonly Finding[] {
  const ready = gritNodes.filter(({ status }) => status?.phase === 'Ready').map(({ metadata }) => metadata.name);
  const names = ready.toSorted().slice(0, MOST_NAMED).join(', ');
  const more = ready.length > MOST_NAMED ? `, and ${ready.length - MOST_NAMED} more` : '';
  const total = nodes?.length ?? gritNodes.length;
  const all: Finding = {
    subject: 'nodes',
    found: `${ready.length} of ${total} can work${ready.length === 0 ? '' : `: ${names}${more}`}`,
    ...(ready.length > 1
      ? {}
      : {
          problem:
            ready.length === 0
              ? 'no node has an agent that can work'
              : 'a pod can be moved only where two nodes can work',
          hint: 'kubectl get gritnodes; the agent runs on each node that pods are to leave or to come to',
        }),
  };
  const others = gritNodes.filter(({ status }) => status?.phase !== 'Ready').flatMap(notReady);
  const without = (nodes ?? [])
    .filter(({ metadata }) => !gritNodes.some((each) => each.metadata.name === metadata.name))
    .map(({ metadata }) => ({
      subject: `node ${metadata.name}`,
      found: 'no agent',
      problem: 'no agent has reported from it: its pods cannot be checkpointed, and none can go on there',
      hint: `kubectl get pods -n grit-system -o wide --field-selector spec.nodeName=${metadata.name}`,
    }));
  const strange = gritNodes.filter(
    ({ status }) => status?.agentVersion !== undefined && status.agentVersion !== version,
  );
  return [all, ...others, ...without, ...versions(strange, version)];
}

function notReady({ metadata, status }: GritNode): readonly Finding[] {
  const subject = `node ${metadata.name}`;
  const found = status?.phase ?? 'has just come';
  const { problems = [], conditions = [] } = status ?? {};
  if (problems.length > 0) {
    return problems.map(({ message, hint }) => ({ subject, found, problem: message, hint }));
  }
  const why = conditions.find(({ type }) => type === 'Ready')?.message ?? 'its agent does not answer';
  return [
    { subject, found, problem: why, hint: `kubectl grit status node/${metadata.name}; then the log of its agent` },
  ];
}

function versions(strange: readonly GritNode[], version: string): readonly Finding[] {
  const [first] = strange;
  if (first === undefined) return [{ subject: 'versions', found: `${version} everywhere` }];
  const problem = `this is ${version}, the agent of ${first.metadata.name} is ${first.status?.agentVersion ?? ''}`;
  const others = strange.length > 1 ? `, and ${strange.length - 1} more differ` : '';
  return [
    {
      subject: 'versions',
      found: version,
      problem: `${problem}${others}`,
      hint: 'Upgrade what is older: all parts have one version.',
    },
  ];
}
