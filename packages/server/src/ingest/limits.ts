// Bounds of what the receivers hold at one time.

/** Of one request, before and after decompression (the OTLP specification asks for such a limit). */
export const MAX_REQUEST_BYTES = 64 << 20

/** Of one request's messages in memory, about: five times what is sent is usual, seventy times possible. */
export const MAX_DECODED_BYTES = 320 << 20

/** Of all requests that are being received or wait for the disk. Above it new ones are told to come again. */
export const MAX_HELD_BYTES = 128 << 20

/** Accepted, durable, and not yet in the index. Above it new ones are told to come again. */
export const MAX_BACKLOG_BYTES = 256 << 20

/** From a request's head to the end of its body: one that drips must not stay for ever. */
export const MAX_BODY_MILLISECONDS = 60_000
