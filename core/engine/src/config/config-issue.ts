// SPDX-License-Identifier: Apache-2.0
import { GritError, type ErrorCode } from '@grit/plugin-api';

/** A file that is no YAML at all has a problem in every line. */
const MAX_SHOWN = 20;

/** Keys from the top of the configuration. */
export type ConfigPath = readonly string[];

/** One thing that is wrong with the configuration. */
export interface ConfigIssue {
  readonly path: ConfigPath;
  readonly message: string;
  /** What to point at: the value (default), the key, or what the key is missing in. */
  readonly at?: 'value' | 'key' | 'parent' | undefined;
  /** Default GRIT_CONFIG_INVALID. */
  readonly code?: ErrorCode | undefined;
  /** Where it is, for those who know better than the path. */
  readonly place?: string | undefined;
}

/** Says where a path is: `grit.yaml:7:17`. */
export type Locate = (path: ConfigPath, at?: ConfigIssue['at']) => string;

/** One error for all issues; the code is theirs if they have the same, else GRIT_CONFIG_INVALID. */
export function configError(issues: readonly ConfigIssue[], locate: Locate): GritError {
  const problems = issues.map((issue) => {
    const place = issue.place ?? locate(issue.path, issue.at);
    const path = issue.path.join('.');
    return { place, path, message: issue.message, text: `${place}${path === '' ? '' : ` ${path}`}: ${issue.message}` };
  });
  const codes = new Set(issues.map((issue) => issue.code ?? 'GRIT_CONFIG_INVALID'));
  const [first = 'GRIT_CONFIG_INVALID'] = codes;
  const lines = problems.slice(0, MAX_SHOWN).map((problem) => problem.text);
  if (problems.length > MAX_SHOWN) lines.push(`… and ${problems.length - MAX_SHOWN} more`);
  return new GritError(
    codes.size === 1 ? first : 'GRIT_CONFIG_INVALID',
    lines.length === 1 ? (lines[0] ?? '') : `${problems.length} problems in the configuration:\n${lines.join('\n')}`,
    {
      details: { problems: problems.slice(0, MAX_SHOWN).map(({ place, path, message }) => ({ place, path, message })) },
    },
  );
}
