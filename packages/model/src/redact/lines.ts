// Redaction of a stream's lines, in their order: a private key goes over many.

import { PemState } from './pem.ts'
import type { Redactor } from './redactor.ts'

export class LineRedactor {
  readonly #keys = new PemState()

  constructor(readonly redactor: Redactor) {}

  /**
   * @param length how much of the line is given back. What comes after it is only looked at, so that a secret which
   * lies across that place is taken out whole.
   */
  line(text: string, length: number): string {
    return this.redactor.line(text, length, this.#keys)
  }

  /** Lines were left out here. */
  gap(): void {
    this.#keys.gap()
  }
}
