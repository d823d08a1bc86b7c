import { expect, test } from 'bun:test'
import { redactArguments } from './arguments.ts'
import { Redactor } from './redactor.ts'

const redactor = new Redactor({ MY_TOKEN: 'correct-horse' })

test('arguments as they were given, without what is secret in them', () => {
  for (const [command, recorded] of [
    ['npm run build --if-present', 'npm run build --if-present'],
    ['tool --password x --token=y -z', 'tool --password [REDACTED] --token=[REDACTED] -z'],
    ['tool -apikey x --github-token y', 'tool -apikey [REDACTED] --github-token [REDACTED]'],
    ['curl -u me:pw -H Authorization:x', 'curl -u me:[REDACTED] -H Authorization:x'],
    ['/usr/bin/curl -ume:pw --user me:pw', '/usr/bin/curl -ume:[REDACTED] --user me:[REDACTED]'],
    [
      'env A=1 DB_PASSWORD=x sudo mysql -px',
      'env A=1 DB_PASSWORD=[REDACTED] sudo mysql -p[REDACTED]',
    ],
    ['mysql -p shop', 'mysql -p shop'],
    ['docker login -u me -p pw h', 'docker login -u me -p [REDACTED] h'],
    ['docker run -p 80:80 nginx', 'docker run -p 80:80 nginx'],
    ['mkdir -p a/b', 'mkdir -p a/b'],
    ['sshpass -p pw ssh h', 'sshpass -p [REDACTED] ssh h'],
    ['redis-cli -a pw', 'redis-cli -a [REDACTED]'],
    ['psql postgres://u:pw@h/db', 'psql postgres://u:[REDACTED]@h/db'],
    ['echo correct-horse', 'echo [REDACTED]'],
    ['claude -p fix', 'claude -p fix'],
    ['tool --max-tokens 5 --token-limit 7', 'tool --max-tokens 5 --token-limit 7'],
  ] as const)
    expect(redactArguments(redactor, command.split(' ')).join(' ')).toBe(recorded)
  expect(
    redactArguments(redactor, [
      'curl',
      '-H',
      'Authorization: Bearer abc',
      'sh -c "x --password y1z"',
    ]),
  ).toEqual(['curl', '-H', 'Authorization: Bearer [REDACTED]', 'sh -c "x --password [REDACTED]"'])
})

test('a prompt is cut, and so are many arguments', () => {
  const [, prompt] = redactArguments(redactor, ['claude', 'x'.repeat(10_000)])
  expect(prompt).toBe(`${'x'.repeat(4096)}…`)
  const many = redactArguments(redactor, Array(1_000).fill('x'))
  expect([many.length, many.at(-1)]).toEqual([257, '…'])
})
