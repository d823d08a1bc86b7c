// YAML read as strictly as Prometheus reads its files: each thing that is wrong is kept with its place, and the rest is
// read on.

import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml'
import { readDuration } from './duration.ts'

/** Where something stands: line and column, from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface Problem extends Place {
  readonly reason: string
}

export interface Field extends Place {
  readonly value: Node | undefined
}

/** Mappings that are merged into others: each may hold others again. */
const MAX_MERGES = 10_000

const NOWHERE: Place = { line: 1, column: 1 }

export class YamlFile {
  readonly problems: Problem[] = []
  readonly root: Node | undefined
  readonly #lines = new LineCounter()
  /** What each alias stands for. */
  readonly #targets = new Map<Alias, Node>()
  /** Mappings that are being merged, and how many have been. */
  readonly #merging = new Set<Node>()
  #merges = 0

  constructor(bytes: Uint8Array) {
    let text: string
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch {
      this.refuse(NOWHERE, 'yaml: it is not UTF-8')
      return
    }
    // Keys that are there twice are refused below, in the words of the others.
    const documents = parseAllDocuments(text, { lineCounter: this.#lines, uniqueKeys: false })
    // Of several documents, Prometheus reads the first.
    const [document] = 'empty' in documents ? [] : documents
    const [error] = document?.errors ?? []
    if (error) {
      const { line, col } = this.#lines.linePos(error.pos[0])
      const [reason] = error.message.split(/ at line \d|\n/)
      this.refuse({ line, column: col }, `yaml: ${reason}`)
      return
    }
    // An anchor may be given anew: an alias stands for the one before it.
    const anchors = new Map<string, Node>()
    if (document)
      visit(document, (_, node) => {
        if (isAlias(node)) {
          const target = anchors.get(node.source)
          if (target) this.#targets.set(node, target)
          else this.refuse(this.placeOf(node), `yaml: unknown anchor '${node.source}' referenced`)
        } else if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined)
          anchors.set(node.anchor, node)
      })
    this.root = this.#found(document?.contents)
  }

  refuse({ line, column }: Place, reason: string): void {
    this.problems.push({ line, column, reason })
  }

  placeOf(node: Node | null | undefined): Place {
    const start = node?.range?.[0]
    if (start === undefined) return NOWHERE
    const { line, col } = this.#lines.linePos(start)
    return { line, column: col }
  }

  /** The node that is meant; undefined for null. */
  #found(node: unknown): Node | undefined {
    if (isAlias(node)) return this.#found(this.#targets.get(node))
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return undefined
    return isScalar(node) && node.value === null ? undefined : node
  }

  /** The fields of a mapping; others than `known` are refused, as of `what`. */
  fields(
    node: Node | undefined,
    what: string,
    known: readonly string[],
  ): ReadonlyMap<string, Field> {
    const fields = this.entries(node)
    for (const [name, place] of fields)
      if (!known.includes(name))
        this.refuse(
          place,
          `field ${name} not found in ${what}; there ${known.length > 1 ? 'are' : 'is'} ${known.join(', ')}`,
        )
    return fields
  }

  /** A mapping with any keys, those of `<<` among them. */
  entries(node: Node | undefined): ReadonlyMap<string, Field> {
    if (node === undefined) return new Map()
    if (!isMap(node)) {
      this.#mismatch(node, 'a mapping')
      return new Map()
    }
    const own = new Map<string, Field>()
    const merged = new Map<string, Field>()
    for (const pair of node.items) {
      const key = pair.key as Node
      const value = this.#found(pair.value)
      if (isScalar(key) && key.value === '<<' && key.type === 'PLAIN') {
        for (const one of isSeq(value) ? value.items : [value])
          for (const [name, field] of this.#merge(this.#found(one), node))
            if (!merged.has(name)) merged.set(name, field)
        continue
      }
      this.#add(own, pair, value)
    }
    return new Map([...merged, ...own])
  }

  #merge(node: Node | undefined, into: Node): ReadonlyMap<string, Field> {
    if (node === into || (node && this.#merging.has(node))) {
      this.refuse(this.placeOf(into), 'yaml: a mapping is merged into itself')
      return new Map()
    }
    if (++this.#merges > MAX_MERGES) {
      if (this.#merges === MAX_MERGES + 1)
        this.refuse(this.placeOf(into), 'yaml: document contains excessive aliasing')
      return new Map()
    }
    this.#merging.add(into)
    const entries = this.entries(node)
    this.#merging.delete(into)
    return entries
  }

  #add(own: Map<string, Field>, { key }: Pair, value: Node | undefined): void {
    const name = this.text(this.#found(key)) ?? ''
    const place = this.placeOf(key as Node)
    const before = own.get(name)
    if (before) this.refuse(place, `mapping key "${name}" already defined at line ${before.line}`)
    else own.set(name, { ...place, value })
  }

  list(node: Node | undefined): (Node | undefined)[] {
    if (node === undefined) return []
    if (isSeq(node)) return node.items.map((item) => this.#found(item))
    this.#mismatch(node, 'a list')
    return []
  }

  /** A scalar as it is written: what looks like a number or a truth value is text where text is asked for. */
  text(node: Node | undefined): string | undefined {
    if (node === undefined) return undefined
    if (isScalar(node)) return textOf(node)
    this.#mismatch(node, 'a text')
    return undefined
  }

  /** A mapping of texts: labels, annotations. */
  texts(node: Node | undefined): ReadonlyMap<string, Place & { readonly text: string }> {
    const texts = new Map<string, Place & { text: string }>()
    for (const [name, { value, line, column }] of this.entries(node))
      texts.set(name, { line, column, text: this.text(value) ?? '' })
    return texts
  }

  /** Milliseconds. */
  duration(node: Node | undefined): number | undefined {
    const text = this.text(node)
    if (text === undefined) return undefined
    const duration = readDuration(text)
    if (typeof duration === 'number') return duration
    this.refuse(this.placeOf(node), duration.reason)
    return undefined
  }

  number(node: Node | undefined): number | undefined {
    if (node === undefined) return undefined
    if (isScalar(node) && typeof node.value === 'number') return node.value
    this.#mismatch(node, 'a number')
    return undefined
  }

  integer(node: Node | undefined): number | undefined {
    const number = this.number(node)
    if (number === undefined || Number.isInteger(number)) return number
    this.#mismatch(node!, 'an integer')
    return undefined
  }

  boolean(node: Node | undefined): boolean | undefined {
    if (node === undefined) return undefined
    if (isScalar(node) && typeof node.value === 'boolean') return node.value
    this.#mismatch(node, 'true or false')
    return undefined
  }

  #mismatch(node: Node, wanted: string): void {
    const is = isScalar(node) ? `"${textOf(node)}"` : isMap(node) ? 'a mapping' : 'a list'
    this.refuse(this.placeOf(node as Scalar | YAMLMap), `${is} is not ${wanted}`)
  }
}

const textOf = ({ value, source }: Scalar): string =>
  typeof value === 'string' ? value : (source ?? String(value))
