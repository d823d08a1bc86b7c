// Bounds of what the receivers hold at one time.

/** Of one request, before and after decompression (the OTLP specification's recommendation). */
export const MAX_REQUEST_BYTES = 64 << 20

/** Of all requests that are being received or wait for the disk. Above it new ones are told to come again. */
export const MAX_HELD_BYTES = 128 << 20

/** Accepted, durable, and not yet in the index. Above it new ones are told to come again. */
export const MAX_BACKLOG_BYTES = 256 << 20
