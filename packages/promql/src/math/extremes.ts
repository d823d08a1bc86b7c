// The lesser and the greater of two numbers as Go has them: an infinity at its end wins over NaN.

export function lesser(a: number, b: number): number {
  const least = Number.NEGATIVE_INFINITY
  return a === least || b === least ? least : Math.min(a, b)
}

export function greater(a: number, b: number): number {
  const greatest = Number.POSITIVE_INFINITY
  return a === greatest || b === greatest ? greatest : Math.max(a, b)
}
