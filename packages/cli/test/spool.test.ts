// What is kept on disk, seen from outside: disks that cannot be written, whom it goes to, many at once.

import { beforeAll, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { closedPort, spooled, untouched } from './untouched.ts'
import {
  attributes,
  baseEnvironment,
  buildWrapper,
  Receiver,
  stepwell,
  temporaryFolder,
  type Variables,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const canMount = Bun.spawnSync(['unshare', '-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).success
test.skipIf(!canMount)(
  'a disk that is full is said, and half a file does not stay (needs the right to mount)',
  async () => {
    using folder = temporaryFolder()
    const disk = join(folder.path, 'disk')
    mkdirSync(disk)
    expect(Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', 'size=16k', 'none', disk]).success).toBe(
      true,
    )
    try {
      const environment = {
        ...baseEnvironment(folder.path),
        OTEL_EXPORTER_OTLP_ENDPOINT: closedPort(),
        STEPWELL_SPOOL: join(disk, 'spool'),
      }
      writeFileSync(join(disk, 'others'), new Uint8Array(12 << 10))
      const run = await stepwell(
        ['exec', '--announce', 'off', '--', 'seq', '1', '500'],
        environment,
      )
      expect(run.exitCode).toBe(0)
      expect(run.stderr.toString()).toMatch(/^stepwell: telemetry .* is lost: ENOSPC.*\n$/)
      const left = readdirSync(join(disk, 'spool'))
      expect(left.filter((name) => !name.endsWith('.otlp'))).toEqual([])
    } finally {
      Bun.spawnSync(['umount', disk])
    }
  },
)

test('telemetry meant for another host is not sent to this one, except by flush', async () => {
  using folder = temporaryFolder()
  const elsewhere = {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://tenant-a.invalid:4318',
  }
  await untouched(elsewhere)
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  await untouched(environment)
  expect(receiver.spans).toHaveLength(1)
  expect(spooled(environment)).toHaveLength(2)
  await stepwell(['flush'], environment)
  expect(receiver.spans).toHaveLength(2)
  expect(spooled(environment)).toHaveLength(0)
})

test('flush names what is torn and what is not ours, and says what is left', async () => {
  using folder = temporaryFolder()
  const absent: Variables = {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: closedPort(),
  }
  await untouched(absent)
  const spool = absent.STEPWELL_SPOOL!
  const [name] = spooled(absent)
  writeFileSync(join(spool, name!), 'stepwell-spool/1 torn')
  writeFileSync(join(spool, 'notes.txt'), 'mine')
  const failed = await stepwell(['flush'], absent)
  expect(failed.exitCode).toBe(1)
  expect(failed.stderr.toString()).toContain('1 requests are left: nobody answers')
  expect(failed.stderr.toString()).toContain(`${name}.damaged is torn`)
  expect(failed.stderr.toString()).toContain('notes.txt is none of ours')
  using receiver = new Receiver()
  const sent = await stepwell(['flush'], receiver.environment(folder.path))
  expect([sent.exitCode, sent.stdout.toString()]).toEqual([0, '1 requests sent\n'])
  expect(existsSync(join(spool, 'notes.txt'))).toBe(true)
})

test('many at once into one spool, and many senders out of it: every span arrives', async () => {
  using folder = temporaryFolder()
  const absent: Variables = {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: closedPort(),
  }
  const steps = Array.from({ length: 12 }, (_, n) => `s${n}`)
  await Promise.all(
    steps.map((step) => stepwell(['exec', '--step', step, '--', 'echo', step], absent)),
  )
  expect(spooled(absent)).toHaveLength(24)
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  await Promise.all(Array.from({ length: 4 }, () => stepwell(['flush'], environment)))
  const names = receiver.spans.map(({ record }) => String(attributes(record)['step.name']))
  expect(names.sort()).toEqual(steps.sort())
  expect(receiver.lines('stdout').sort()).toEqual(steps.sort())
  expect(spooled(environment)).toHaveLength(0)
})

test('an output folder that cannot be written is said, and changes nothing', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const file = join(folder.path, 'file')
  mkdirSync(join(folder.path, 'x'))
  writeFileSync(file, '')
  chmodSync(file, 0o400)
  const run = await stepwell(
    ['exec', '--announce', 'off', '--output-dir', join(file, 'out'), '--', 'true'],
    receiver.environment(folder.path),
  )
  expect(run.exitCode).toBe(0)
  expect(run.stderr.toString()).toContain('could not be written')
})
