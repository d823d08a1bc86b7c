// Chunks of many series as they were read: bytes behind each other in a few large arrays, since an object for each
// would take more room than the samples.

const PAGE = 1 << 20

export class FoundChunks {
  /** By code: which of the series that were asked for it is, -1 for others. */
  readonly #indexes: Int32Array
  /** By index: the number of its newest chunk, -1 where there is none. */
  readonly #newest: Int32Array
  readonly #hasSample: Uint8Array
  readonly #pages: Uint8Array[] = []
  #room = 0
  #count = 0
  /** By number: the page and where in it, and the chunk before of the same series. */
  #places = new Float64Array(256)
  #before = new Int32Array(256)

  /** `codes` ascend. */
  constructor(codes: readonly number[]) {
    this.#indexes = new Int32Array((codes.at(-1) ?? -1) + 1).fill(-1)
    codes.forEach((code, index) => {
      this.#indexes[code] = index
    })
    this.#newest = new Int32Array(codes.length).fill(-1)
    this.#hasSample = new Uint8Array(codes.length)
  }

  indexOf(code: number): number {
    return this.#indexes[code] ?? -1
  }

  has(index: number): boolean {
    return this.#newest[index]! >= 0
  }

  /** Whether a sample in the times that were asked for is known to be among them. */
  hasSample(index: number): boolean {
    return this.#hasSample[index] === 1
  }

  /** In order of acceptance; copies them. */
  add(index: number, bytes: Uint8Array, hasSample: boolean): void {
    if (hasSample) this.#hasSample[index] = 1
    if (bytes.length > this.#room) {
      this.#room = Math.max(PAGE, bytes.length)
      this.#pages.push(new Uint8Array(this.#room))
    }
    const page = this.#pages.at(-1)!
    const at = page.length - this.#room
    page.set(bytes, at)
    this.#room -= bytes.length
    const number = this.#count++
    if (number === this.#places.length) this.#grow()
    this.#places[number] = (this.#pages.length - 1) * PAGE + at
    this.#before[number] = this.#newest[index]!
    this.#newest[index] = number
  }

  /** Those of one series, in order of acceptance: the bytes begin at `at`. */
  each(index: number, visit: (bytes: Uint8Array, at: number) => void): void {
    const numbers: number[] = []
    for (let number = this.#newest[index]!; number >= 0; number = this.#before[number]!) {
      numbers.push(number)
    }
    for (const number of numbers.reverse()) {
      const place = this.#places[number]!
      visit(this.#pages[Math.floor(place / PAGE)]!, place % PAGE)
    }
  }

  #grow(): void {
    const [places, before] = [new Float64Array(this.#count * 2), new Int32Array(this.#count * 2)]
    places.set(this.#places)
    before.set(this.#before)
    this.#places = places
    this.#before = before
  }
}
