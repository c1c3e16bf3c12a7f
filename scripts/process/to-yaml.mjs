// SPDX-License-Identifier: Apache-2.0
import { stringify } from 'yaml';

/** One YAML document, every text on one line and no value shared by reference, so that a change in the code is a change of few lines. */
export function toYaml(value) {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
