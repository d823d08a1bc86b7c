// Compensated summation (Neumaier's form of Kahan's): what rounding loses is summed beside the sum.

export class CompensatedSum {
  sum = 0
  lost = 0

  add(value: number): void {
    const total = this.sum + value
    if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) this.lost = 0
    else if (Math.abs(this.sum) >= Math.abs(value)) this.lost += this.sum - total + value
    else this.lost += value - total + this.sum
    this.sum = total
  }

  get total(): number {
    return Number.isFinite(this.sum) || Number.isNaN(this.sum) ? this.sum + this.lost : this.sum
  }

  reset(sum: number, lost: number): void {
    this.sum = sum
    this.lost = lost
  }
}

/**
 * A mean that stays exact as long as the sum does not overflow, and then goes on as a running mean.
 */
export class CompensatedMean {
  readonly #sum = new CompensatedSum()
  #count = 0
  #running = false

  add(value: number): void {
    this.#count++
    const count = this.#count
    if (!this.#running) {
      const { sum, lost } = this.#sum
      this.#sum.add(value)
      if (count === 1 || Number.isFinite(this.#sum.sum) || Number.isNaN(this.#sum.sum)) return
      this.#running = true
      this.#sum.reset(sum / (count - 1), lost / (count - 1))
    }
    const share = (count - 1) / count
    this.#sum.reset(share * this.#sum.sum, share * this.#sum.lost)
    this.#sum.add(value / count)
  }

  get mean(): number {
    const { sum, lost } = this.#sum
    return this.#running ? sum + lost : sum / this.#count + lost / this.#count
  }
}
