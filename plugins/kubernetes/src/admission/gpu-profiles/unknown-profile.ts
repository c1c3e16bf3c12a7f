// SPDX-License-Identifier: Apache-2.0
import { closestName } from '@grit/plugin-api';

/** How many names fit into a warning. */
const NAMES = 8;

/** What the author of a pod is told about a profile that does not exist. */
export function unknownProfile(name: string, known: readonly string[]): string {
  const meant = closestName(name.toLowerCase(), known);
  const question = meant === undefined ? '' : ` (did you mean ${meant}?)`;
  const more = known.length > NAMES ? `, and ${known.length - NAMES} more` : '';
  const list = known.slice(0, NAMES).join(', ');
  return `there is no GPU profile "${name}"${question}, so nothing was set; known are ${list}${more}`;
}
