// SPDX-License-Identifier: Apache-2.0
import type { KubeNode, Pod } from '../api/core-kinds.js';
import type { GritNode } from '../api/grit-node.js';
import type { CheckpointSource } from '../api/source.js';
import { gpuReasons } from './gpu-rules.js';
import { mebibytes } from './mebibytes.js';
import { nodeReasons, type NodeReasons } from './node-rules.js';
import { podReasons, volumeReasons, type TiedVolume } from './pod-rules.js';
import { softwareReasons } from './software-rules.js';

/** A node, and what its agent says of it. */
export interface NodeCandidate {
  readonly node: KubeNode;
  readonly gritNode?: GritNode | undefined;
}

/** Copies of the nodes, and of what their agents say. */
export interface KnownNodes {
  readonly nodes: { list(): readonly KubeNode[] };
  readonly gritNodes: { get(ref: { readonly name: string }): GritNode | undefined };
}

/** All nodes of the cluster. */
export function candidatesOf({ nodes, gritNodes }: KnownNodes): readonly NodeCandidate[] {
  return nodes.list().map((node) => ({ node, gritNode: gritNodes.get({ name: node.metadata.name }) }));
}

/** What else decides. */
export interface PlacementWish {
  /** The only node that is wanted. */
  readonly nodeName?: string | undefined;
  /** The node that a Migration takes the pod away from. */
  readonly leaves?: string | undefined;
  /** Size of the image, in bytes: the node needs as much room. */
  readonly imageBytes?: number | undefined;
  /** The pod that is to go on elsewhere: what it asks for of a node. */
  readonly pod?: Pod | undefined;
  /** Its volumes that not every node has. */
  readonly volumes?: readonly TiedVolume[] | undefined;
}

/** A node that a checkpoint cannot go on on, and why: one sentence a reason, with the values of both sides. */
export interface ExcludedNode {
  readonly node: string;
  readonly reasons: string[];
}

/** Where a checkpoint can go on. */
export interface Placement {
  /** Names, sorted. */
  readonly compatible: string[];
  /** Sorted by name. */
  readonly excluded: ExcludedNode[];
  /** Those of the excluded that only have to be Ready again, or their agents. */
  readonly soon: string[];
}

/** Sorts the nodes into those that a checkpoint can go on on and those that it cannot, by the hard rules only: the scheduler chooses among the first. */
export function compatibleNodes(
  source: CheckpointSource,
  candidates: readonly NodeCandidate[],
  wish: PlacementWish = {},
): Placement {
  const compatible: string[] = [];
  const excluded: ExcludedNode[] = [];
  const soon: string[] = [];
  const sorted = candidates.toSorted((a, b) => (a.node.metadata.name < b.node.metadata.name ? -1 : 1));
  for (const candidate of sorted) {
    const node = candidate.node.metadata.name;
    const { lasting, passing } = reasonsAgainst(source, candidate, wish);
    const reasons = [...lasting, ...passing];
    if (reasons.length === 0) compatible.push(node);
    else excluded.push({ node, reasons });
    if (lasting.length === 0 && passing.length > 0) soon.push(node);
  }
  if (wish.nodeName !== undefined && !sorted.some(({ node }) => node.metadata.name === wish.nodeName)) {
    excluded.push({ node: wish.nodeName, reasons: ['nodeName asks for it, but the cluster has no node of this name'] });
  }
  return { compatible, excluded, soon };
}

/** All nodes that are out, in one sentence: `node-a: CRIU 4.1 here, 4.2 there; node-b: …`. */
export function describeExcluded(excluded: readonly ExcludedNode[], most = 5): string {
  if (excluded.length === 0) return 'the cluster has no nodes';
  const shown = excluded.slice(0, most).map(({ node, reasons }) => `${node}: ${reasons.join(', ')}`);
  const more = excluded.length > most ? [`and ${excluded.length - most} more nodes`] : [];
  return [...shown, ...more].join('; ');
}

function reasonsAgainst(source: CheckpointSource, { node, gritNode }: NodeCandidate, wish: PlacementWish): NodeReasons {
  if (wish.nodeName !== undefined && wish.nodeName !== node.metadata.name) {
    return { lasting: [`nodeName asks for ${wish.nodeName}`], passing: [] };
  }
  if (wish.leaves === node.metadata.name) return { lasting: ['the pod is to leave it'], passing: [] };
  const { pod, volumes = [] } = wish;
  const state = nodeReasons(node, gritNode);
  const lasting = [
    ...state.lasting,
    ...(pod === undefined ? [] : podReasons(pod, node)),
    ...volumeReasons(volumes, node),
  ];
  const facts = gritNode?.status?.facts;
  if (facts === undefined) {
    const isAll = lasting.length + state.passing.length === 0;
    return { lasting, passing: isAll ? ['the GRIT agent has not published its facts yet'] : state.passing };
  }
  lasting.push(
    ...softwareReasons(source.facts ?? {}, facts),
    ...gpuReasons(source, facts),
    ...room(wish.imageBytes, facts.freeBytes),
  );
  return { lasting, passing: state.passing };
}

function room(needed: number | undefined, free: number | undefined): string[] {
  if (needed === undefined || free === undefined || free >= needed) return [];
  return [`${mebibytes(free)} free for images here, the image has ${mebibytes(needed)}`];
}
