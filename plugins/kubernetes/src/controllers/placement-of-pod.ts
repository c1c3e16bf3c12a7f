// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../api/core-kinds.js';
import type { KubeNodeFacts } from '../api/source.js';
import { candidatesOf, compatibleNodes, type Placement, type PlacementWish } from '../placement/compatible-nodes.js';
import { gpuCount } from '../pods/gpu-count.js';
import type { ControlContext } from './context.js';
import { tiedVolumes } from './tied-volumes.js';

/** Where a pod that runs could go on: by what its processes need, by what its author asks for, and by where its volumes are. */
export async function placementOfPod(
  context: Pick<ControlContext, 'client' | 'informers'>,
  pod: Pod,
  /** Of the node that it runs on. */
  facts: KubeNodeFacts,
  { nodeName, leaves }: Pick<PlacementWish, 'nodeName' | 'leaves'>,
  signal: AbortSignal,
): Promise<Placement> {
  const volumes = await tiedVolumes(context, pod, signal);
  const wish = { nodeName, leaves, pod, volumes };
  const placement = compatibleNodes({ facts, gpuCount: gpuCount(pod) }, candidatesOf(context.informers), wish);
  // Of the other nodes nothing is to be said when one was asked for.
  const wanted = placement.excluded.filter(({ node }) => nodeName === undefined || node === nodeName);
  return { ...placement, excluded: wanted };
}
