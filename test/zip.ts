// A zip archive of one deflated file, written by hand: what data.binance.vision publishes, for tests.

import { crc32, deflateRawSync } from "node:zlib";

/** Bytes of a zip holding `text` under `name` (APPNOTE.TXT 4.3: local header, data, central directory, end). */
export function zipOf(name: string, text: string): Buffer {
  const data = deflateRawSync(text);
  const title = Buffer.from(name);
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(20, 0); // version needed
  facts.writeUInt16LE(8, 4); // deflate
  facts.writeUInt32LE(0x21 << 16, 6); // 1980-01-01
  facts.writeUInt32LE(crc32(text), 10);
  facts.writeUInt32LE(data.length, 14);
  facts.writeUInt32LE(Buffer.byteLength(text), 18);
  facts.writeUInt16LE(title.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), facts, title, data]);
  const rest = Buffer.alloc(14); // comment length, disk, attributes, offset of the local header 0
  const central = Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), facts, rest, title]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from("PK\x05\x06", "latin1"), end]);
}
