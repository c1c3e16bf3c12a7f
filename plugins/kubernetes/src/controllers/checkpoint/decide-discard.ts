// SPDX-License-Identifier: Apache-2.0
import { KEYS } from '../../api/group.js';
import { isUnfinished, nextStep, reportOf } from '../../steps/order-step.js';
import type { Decision, Draft } from './draft.js';
import type { ImageFate } from './facts.js';

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
/** Tries to delete an image that never became whole. */
const HALF_TRIES = 5;

/** Nothing needs the image any more: it is deleted from its store, or stays there and that is said; then the finalizer goes. */
export function discard(draft: Draft): Decision {
  const { image } = draft.facts;
  switch (image.is) {
    case 'none':
      return draft.then({ do: 'let-go' });
    case 'retained':
      return leave(draft, 'Retained', `stays in CheckpointStore ${image.store}, as ${image.by} says`);
    case 'left':
      return leave(
        draft,
        'StoreGone',
        `is left where CheckpointStore ${image.store} had it: there is no such store any more`,
      );
    case 'deleted':
      return order(draft, image);
  }
}

function leave(draft: Draft, reason: string, what: string): Decision {
  const { image } = draft.status;
  const size = image === undefined ? '' : ` (${image.id}, ${String(image.size)} bytes)`;
  draft.mark('ImageRetained', 'True', reason, `the image${size} ${what}.`);
  return draft.then({ do: 'let-go' });
}

/** One node after the other is told to, for as long as it takes. */
function order(draft: Draft, { store, nodes }: Extract<ImageFate, { readonly is: 'deleted' }>): Decision {
  const before = draft.status.step?.name === 'discard' ? draft.status.step : undefined;
  const report = before === undefined ? undefined : reportOf(draft.status);
  if (report?.phase === 'Succeeded') return draft.then({ do: 'let-go' });
  if (before !== undefined && isUnfinished(draft.status) && nodes.includes(before.node))
    return goOn(draft, before.node);
  // What nobody could use is not worth waiting for: collection finds it.
  const half = draft.status.image === undefined;
  if (half && (nodes.length === 0 || (report?.phase === 'Failed' && (before?.attempt ?? 0) >= HALF_TRIES))) {
    return leave(draft, 'NotDeleted', `may be in CheckpointStore ${store} in part, where no node could delete it`);
  }
  if (before !== undefined && report?.phase === 'Failed') {
    const since = draft.now.getTime() - Date.parse(before.orderedAt);
    const left = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(before.attempt - 1, 6), LONGEST_PAUSE_MS) - since;
    if (left > 0) {
      const { message = 'it gives no reason', hint = '' } = report.error ?? {};
      const why = `node ${before.node} could not delete the image from CheckpointStore ${store}: ${message}. ${hint}`;
      return wait(draft, 'DiscardFailed', `${why} It is tried again.`, left);
    }
  }
  const node = nodes[(before?.attempt ?? 0) % nodes.length];
  if (node === undefined) {
    const why = `no node whose agent is at work can use CheckpointStore ${store} now, so nobody can delete the image`;
    return wait(
      draft,
      'NoNodeForStore',
      `${why}; \`kubectl describe cks ${store}\` says more. It goes on when one can.`,
    );
  }
  draft.set({ step: nextStep(before, { name: 'discard', node }, draft.now, report) });
  return goOn(draft, node);
}

function goOn(draft: Draft, node: string): Decision {
  draft.unmark('Waiting', 'GoesOn', 'nothing is waited for');
  draft.mark('Discarding', 'True', 'Deleted', `node ${node} deletes the image from its store`);
  return draft.rest();
}

function wait(draft: Draft, reason: string, why: string, againMs?: number): Decision {
  const { name, namespace = '' } = draft.checkpoint.metadata;
  const command = `kubectl annotate checkpoint ${name} -n ${namespace} ${KEYS.retainImage}=true`;
  draft.mark(
    'Waiting',
    'True',
    reason,
    `${why} \`${command}\` lets the Checkpoint go and leaves the image where it is.`,
  );
  return draft.rest(againMs);
}
