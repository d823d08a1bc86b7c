// Protobuf's strings: UTF-8, which proto3 demands, in and out of a range of bytes.

// A byte order mark is a character like any other here.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Up to this many bytes of ASCII are cheaper to put together here than to hand to the decoder. */
const SHORT = 24

/** The text of `bytes[start, end)`, or undefined where it is not UTF-8. */
export function utf8Text(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start <= SHORT) {
    let text = ''
    let at = start
    while (at < end && bytes[at]! < 0x80) text += String.fromCharCode(bytes[at++]!)
    if (at === end) return text
  }
  try {
    return decoder.decode(bytes.subarray(start, end))
  } catch {
    return undefined
  }
}

/** Whether `bytes[start, end)` is UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at < end) {
    const lead = bytes[at++]!
    if (lead < 0x80) continue
    // How many bytes follow, and the range of the first of them: RFC 3629, section 4.
    let more = 1
    let least = 0x80
    let most = 0xbf
    if (lead < 0xc2 || lead > 0xf4) return false
    if (lead >= 0xf0) {
      more = 3
      if (lead === 0xf0) least = 0x90
      else if (lead === 0xf4) most = 0x8f
    } else if (lead >= 0xe0) {
      more = 2
      if (lead === 0xe0) least = 0xa0
      else if (lead === 0xed) most = 0x9f
    }
    if (end - at < more || bytes[at]! < least || bytes[at]! > most) return false
    for (at++; more > 1; more--) if ((bytes[at++]! & 0xc0) !== 0x80) return false
  }
  return true
}
