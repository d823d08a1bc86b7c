// Codes of what repeats: services, operations (span name and kind in a service), resources of log records.
// All names are held; of resources, which name processes and so never end, only a 64-bit digest is.

import type { DuckDBConnection } from '@duckdb/node-api'
import { encodeJson, type Resource, type ScannedSpan, valueText } from '@stepwell/otlp'
import type { Batch } from './pending-rows.ts'
import type { Operation } from './types.ts'

/** Jaeger's name for the service of a resource, which is what it lists and searches by. */
export function serviceNameOf(resource: Resource | undefined): string {
  const attribute = resource?.attributes.find(({ key }) => key === 'service.name')
  if (!attribute) return MISSING_SERVICE
  return (attribute.value && valueText(attribute.value)) || EMPTY_SERVICE
}

const MISSING_SERVICE = 'missing-service-name'
const EMPTY_SERVICE = 'empty-service-name'
/** Names that no resource need have said. */
export const UNNAMED_SERVICES: ReadonlySet<string> = new Set([MISSING_SERVICE, EMPTY_SERVICE])

/** A power of two. */
const RECENT_OPERATIONS = 1024

interface RecentOperation {
  readonly service: number
  readonly kind: number
  readonly name: Uint8Array
  readonly code: number
}

export class Dictionary {
  readonly #services = new Map<string, number>()
  /** Of each service: `kind name` → code. Services that sent no span are not in it. */
  readonly #operations = new Map<number, Map<string, number>>()
  #operationCount = 0
  /** By a hash of all three: most spans are of an operation that was met before. */
  readonly #recent: (RecentOperation | undefined)[] = new Array(RECENT_OPERATIONS).fill(undefined)
  readonly #resources = new Map<bigint, number>()
  #nextResource = 0

  static async load(connection: DuckDBConnection): Promise<Dictionary> {
    const dictionary = new Dictionary()
    const rowsOf = async (sql: string) => (await connection.runAndReadAll(sql)).getRows()
    for (const [code, name] of await rowsOf('SELECT code, name FROM services')) {
      dictionary.#services.set(String(name), Number(code))
    }
    for (const [code, service, name, kind] of await rowsOf(
      'SELECT code, service, name, kind FROM operations',
    )) {
      dictionary.#setOperation(
        Number(service),
        operationKey(Number(kind), String(name)),
        Number(code),
      )
    }
    for (const [code, digest] of await rowsOf('SELECT code, digest FROM resources')) {
      dictionary.#resources.set(BigInt(String(digest)), Number(code))
      dictionary.#nextResource = Math.max(dictionary.#nextResource, Number(code) + 1)
    }
    return dictionary
  }

  /** The service's code; a new one's row goes to `batch`. */
  service(name: string, batch: Batch): number {
    let code = this.#services.get(name)
    if (code === undefined) {
      code = this.#services.size
      this.#services.set(name, code)
      const row = batch.services.add()
      batch.services.columns.code[row] = code
      batch.services.columns.name[row] = name
    }
    return code
  }

  operation(service: number, name: string, kind: number, batch: Batch): number {
    const key = operationKey(kind, name)
    let code = this.#operations.get(service)?.get(key)
    if (code === undefined) {
      code = this.#operationCount
      this.#setOperation(service, key, code)
      const { columns } = batch.operations
      const row = batch.operations.add()
      columns.code[row] = code
      columns.service[row] = service
      columns.name[row] = name
      columns.kind[row] = kind
    }
    return code
  }

  /** The same of a span whose name is still in its bytes. */
  operationOf(service: number, span: ScannedSpan, kind: number, batch: Batch): number {
    const { bytes, nameAt, nameEnd, hashes } = span
    const slot = (hashes.a[hashes.length - 1]! ^ (service * 8 + kind)) & (RECENT_OPERATIONS - 1)
    const recent = this.#recent[slot]
    if (recent?.service === service && recent.kind === kind) {
      const { name } = recent
      let at = name.length === nameEnd - nameAt ? 0 : -1
      while (at >= 0 && at < name.length) at = name[at] === bytes[nameAt + at] ? at + 1 : -1
      if (at >= 0) return recent.code
    }
    const code = this.operation(service, bytes.toString('utf8', nameAt, nameEnd), kind, batch)
    this.#recent[slot] = {
      service,
      kind,
      name: Uint8Array.from(bytes.subarray(nameAt, nameEnd)),
      code,
    }
    return code
  }

  resource(resource: Resource | undefined, batch: Batch): number {
    const text = resource ? resourceText(resource) : ''
    const digest = BigInt(Bun.hash(text))
    let code = this.#resources.get(digest)
    if (code === undefined) {
      code = this.#nextResource++
      this.#resources.set(digest, code)
      const row = batch.resources.add()
      const { columns } = batch.resources
      columns.code[row] = code
      columns.digest[row] = digest
      columns.resource[row] = text
    }
    return code
  }

  /** Their rows go: whoever sends them again gets another code. */
  forgetResources(codes: ReadonlySet<number>): void {
    for (const [digest, code] of this.#resources) {
      if (codes.has(code)) this.#resources.delete(digest)
    }
  }

  /** Undefined for one that has sent nothing. */
  serviceCode(name: string): number | undefined {
    return this.#services.get(name)
  }

  /** Names of the services that have sent spans. */
  services(): string[] {
    return [...this.#services]
      .filter(([, code]) => this.#operations.has(code))
      .map(([name]) => name)
  }

  operations(service: number): Operation[] {
    return [...(this.#operations.get(service)?.keys() ?? [])].map((key) => ({
      kind: Number(key[0]),
      name: key.slice(2),
    }))
  }

  /** Codes of the service's operations of that name, of any kind. */
  operationCodes(service: number, name: string): number[] {
    return KINDS.map((kind) => this.#operations.get(service)?.get(operationKey(kind, name))).filter(
      (code) => code !== undefined,
    )
  }

  /** The same of all services. */
  operationCodesOfAll(name: string): number[] {
    return [...this.#operations.keys()].flatMap((service) => this.operationCodes(service, name))
  }

  #setOperation(service: number, key: string, code: number): void {
    this.#operationCount++
    const operations = this.#operations.get(service)
    if (operations) operations.set(key, code)
    else this.#operations.set(service, new Map([[key, code]]))
  }
}

/** OTLP's span kinds, and 6 for any that it doesn't know. */
const KINDS = [0, 1, 2, 3, 4, 5, 6]
export const knownKind = (kind: number): number => (kind >= 0 && kind <= 5 ? kind : 6)

/** The kind is one digit. */
const operationKey = (kind: number, name: string): string => `${kind} ${name}`

/** A resource as OTLP/JSON, in the smallest message that holds one. */
const resourceText = (resource: Resource): string =>
  encodeJson('logs', { resourceLogs: [{ resource }] })
