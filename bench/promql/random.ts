// Numbers that look random and follow from their place alone, so that two runs over the same data agree.

/** 32 bits (MurmurHash3's finalizer). */
export function mixed(value: number): number {
  let bits = value | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

/** In [0, 1), by two numbers. */
export const fraction = (a: number, b: number): number =>
  mixed(Math.imul(a, 0x9e3779b1) ^ mixed(b)) / 2 ** 32
