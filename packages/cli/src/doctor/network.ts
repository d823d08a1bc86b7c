// The way to a receiver, a step at a time: its name, its port, its certificate. A step that fails ends the way.

import { lookup } from 'node:dns/promises'
import { connect, isIP } from 'node:net'
import { type Check, fail, LIMIT_MILLISECONDS, ok, TimeOver, within } from './check.ts'
import type { Place } from './places.ts'
import { checkTls, isTlsPort } from './tls.ts'

/** Gives what was seen; the last one says whether the receiver can be spoken to. */
export async function checkNetwork(place: Place): Promise<Check[]> {
  // An address has no name to look for.
  const seen = isIP(place.hostname) ? [] : [await checkName(place)]
  if (seen.some(({ status }) => status === 'fail')) return seen
  seen.push(await checkPort(place))
  if (seen.at(-1)!.status === 'fail') return seen
  if (place.protocol === 'https:') return [...seen, await checkTls(place)]
  if (!(await isTlsPort(place))) return seen
  const tls = fail(
    `tls ${place.host}`,
    `${place.host} speaks TLS, and it is to be spoken to in plain`,
    `write https:// in ${place.setting}`,
  )
  return [...seen, tls]
}

async function checkName({ hostname, setting }: Place): Promise<Check> {
  const check = `dns ${hostname}`
  try {
    const addresses = await within(lookup(hostname, { all: true }))
    return ok(check, addresses.map(({ address }) => address).join(' '))
  } catch (error) {
    if (error instanceof TimeOver)
      return fail(check, `no answer in ${seconds}`, 'see whether this machine’s DNS server answers')
    return fail(
      check,
      `no such name (${codeOf(error)})`,
      `see whether ${setting} is written right, and whether the name is known on this machine`,
    )
  }
}

const seconds = `${LIMIT_MILLISECONDS / 1000} s`

async function checkPort({ hostname, port, host, setting, isSet }: Place): Promise<Check> {
  const check = `tcp ${host}`
  const socket = connect({ host: hostname, port })
  try {
    await within(
      new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve)
        socket.once('error', reject)
      }),
    )
    return ok(check, 'connected')
  } catch (error) {
    if (error instanceof TimeOver)
      return fail(
        check,
        `no answer in ${seconds}`,
        'a firewall may swallow the packets: see whether this machine may reach that port',
      )
    return fail(
      check,
      `nobody listens (${codeOf(error)})`,
      isSet
        ? `start the receiver (stepwell up), or correct the port in ${setting}`
        : `start the engine (stepwell up), name the data folder of one that has its own in STEPWELL_DATA, or set ${setting}`,
    )
  } finally {
    socket.destroy()
  }
}

const codeOf = (error: unknown) =>
  (error as { code?: string }).code ?? (error as { message?: string }).message ?? String(error)
