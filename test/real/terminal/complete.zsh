# A zsh that somebody sits at: reads the script $1, gets the line $2 and a tab, and says what stands on the line then.
zmodload zsh/zpty
zpty shell zsh -f -i
read_until() { zpty -r -m shell answer "*$1*" }
zpty -w shell "autoload -U compinit; compinit -u -D; source $1"
zpty -w shell 'said() { print -r -- "[[$BUFFER]]" }; zle -N said; bindkey "^X" said; PROMPT=; print -r -- rea''dy'
read_until ready
zpty -w -n shell "$2"$'\t'$'\x18'
read_until '\]\]'
print -r -- "${${answer##*\[\[}%%\]\]*}"
