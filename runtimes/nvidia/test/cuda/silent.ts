// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';

/** For what is not to be looked at. */
export const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => SILENT,
};
