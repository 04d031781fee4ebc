// CRC-32 as zip archives have it (ISO 3309): reflected polynomial 0xEDB88320.

function tableEntry(index: number): number {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
}

/** The CRC-32 of `bytes`, not negative. */
export function crc32(bytes: Uint8Array): number {
  // Signed, so that engines keep to integers of 32 bits: archives of models are large.
  const table = Int32Array.from({ length: 256 }, (_, index) => tableEntry(index));
  let crc = -1;
  for (let at = 0; at < bytes.length; at++) crc = (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ -1) >>> 0;
}
