// SPDX-License-Identifier: Apache-2.0
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** A shell that completion is there for. */
export type Shell = (typeof SHELLS)[number];

/** Each script asks `grit __complete`, which knows commands, options and the names of what the platform has. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_grit() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    [ "$candidate" = :files ] && { compopt -o default; return; }
    COMPREPLY+=("$candidate")
  done < <(grit __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _grit grit
`,
  zsh: `#compdef grit
_grit() {
  local -a candidates
  candidates=(\${(f)"$(grit __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if [[ "\${candidates[1]}" == :files ]]; then _files; else compadd -a candidates; fi
}
compdef _grit grit
`,
  fish: `function __grit_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l candidates (grit __complete $words[2..-1] 2>/dev/null)
  if test "$candidates[1]" = :files
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $candidates
  end
end
complete -c grit -f -a '(__grit_complete)'
`,
};
