// SPDX-License-Identifier: Apache-2.0

const STORE = 'CheckpointStore/';
const CLAIM = 'PersistentVolumeClaim/';

/** What stands in status.storage of a Checkpoint whose image is in a CheckpointStore. */
export function placeInStore(name: string): string {
  return `${STORE}${name}`;
}

/** The same for a claim. */
export function placeInClaim(name: string): string {
  return `${CLAIM}${name}`;
}

/** Name of the CheckpointStore that status.storage names; undefined when it names none. */
export function storeIn(place: string | undefined): string | undefined {
  return place?.startsWith(STORE) === true ? place.slice(STORE.length) : undefined;
}
