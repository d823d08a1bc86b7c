// The real programs that tests ask for judgement: on PATH where `test/peers/install.mjs` has put them.

import { afterAll, test } from 'bun:test'
import { cleanUp, plainEnvironment, temporaryFolder } from './engine.ts'
import { waitFor } from './wait.ts'

/**
 * A test with peers, given by their paths; where one isn't on PATH, the test is skipped and says so. Peers and engines
 * run until the file is done.
 */
export function testWith(
  programs: readonly string[],
  name: string,
  run: (...paths: string[]) => Promise<void>,
): void {
  afterAll(stopPeers)
  const missing = programs.filter((program) => !Bun.which(program))
  if (missing.length === 0) test(name, () => run(...programs.map((program) => Bun.which(program)!)))
  else test.skip(`${name} (skipped: no ${missing.join(', no ')} on PATH)`, () => {})
}

const running: Bun.Subprocess[] = []

async function stopPeers(): Promise<void> {
  for (const peer of running.splice(0)) {
    peer.kill('SIGKILL')
    await peer.exited
  }
  await cleanUp()
}

/** Runs a peer, until the end of the test file at the latest; it is ready once `url` answers. */
export async function startPeer(
  command: readonly string[],
  url: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Bun.Subprocess> {
  const peer = Bun.spawn([...command], {
    // The pack's settings are variables that a developer may have too, such as ENV.
    env: { ...plainEnvironment(temporaryFolder('home')), ...env },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  })
  running.push(peer)
  let log = ''
  void (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of peer.stderr) log += decoder.decode(chunk, { stream: true })
  })()
  await waitFor(`${command[0]} to answer at ${url}`, () => {
    if (peer.exitCode !== null) throw new Error(`${command[0]} ended with ${peer.exitCode}: ${log}`)
    return fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
  })
  return peer
}

/** A port that was free a moment ago. */
export function freePort(): number {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const { port } = listener
  listener.stop(true)
  return port
}
