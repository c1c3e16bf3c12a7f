// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';

/** The error for an image that says of itself that this version cannot read it. It is whole, so nobody has to throw it away. */
export function newerVersion(what: string): GritError {
  return new GritError(
    'GRIT_IMAGE_MANIFEST_INVALID',
    `the manifest cannot be used: the image was made by a newer version of GRIT: ${what.slice(0, 200)}`,
    { hint: 'The image is not damaged. Upgrade GRIT on the node that reads it, then try again.' },
  );
}
