// Words of Go, of the shell, of YAML and JSON as such: they name nothing.

export const WORDS: readonly string[] = [
  ...'package import func return if else var type struct nil defer true false string error int bool'.split(
    ' ',
  ),
  ...'context fmt os time n'.split(' '),
  ...'echo exit export then fi head cut grep'.split(' '),
]
