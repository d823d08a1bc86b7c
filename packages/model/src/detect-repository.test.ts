import { expect, test } from 'bun:test'
import { parseRepository } from './detect-repository.ts'

test('every way to write a repository gives its name, and an address without credentials', () => {
  for (const [text, repo, repoUrl] of [
    ['https://github.com/octo/repo.git', 'octo/repo', 'https://github.com/octo/repo'],
    ['https://user:tok%40en@github.com/octo/repo', 'octo/repo', 'https://github.com/octo/repo'],
    ['git@github.com:octo/repo.git', 'octo/repo', 'https://github.com/octo/repo'],
    ['ssh://git@git.example:2222/a/b/c.git', 'a/b/c', 'https://git.example/a/b/c'],
    ['http://git.example:3000/o/r', 'o/r', 'http://git.example:3000/o/r'],
    ['git://git.example/o/r.git/', 'o/r', 'https://git.example/o/r'],
    ['https://git.example/o/100%-r', 'o/100%-r', 'https://git.example/o/100%-r'],
    ['octo/repo', 'octo/repo', undefined],
    [' repo ', 'repo', undefined],
    ['file:///srv/git/repo.git', 'repo', undefined],
  ] as const)
    expect([text, parseRepository(text)]).toEqual([text, { repo, repoUrl }])
  for (const text of ['', '  ', 'https://github.com/', 'https://'])
    expect([text, parseRepository(text)]).toEqual([text, undefined])
})
