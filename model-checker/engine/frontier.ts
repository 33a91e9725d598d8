/**
 * The states waiting to be expanded, as records of ids in chunks: [environment, processes...,
 * number of packets, packets...]. A chunk is dropped as soon as it is read.
 */

const CHUNK = 1 << 18;

/** A queue of records. */
export class Frontier {
  private readonly chunks: Int32Array[] = [];
  private readonly ends: number[] = [];
  private readAt = 0;
  /** Records waiting. */
  size = 0;

  /** Bytes held. */
  get bytes(): number {
    return this.chunks.length * CHUNK * 4;
  }

  /** Adds the first `length` numbers of `record`. */
  push(record: Int32Array, length: number): void {
    let last = this.chunks.length - 1;
    if (last < 0 || (this.ends[last] as number) + length > CHUNK) {
      this.chunks.push(new Int32Array(CHUNK));
      this.ends.push(0);
      last += 1;
    }
    const chunk = this.chunks[last] as Int32Array;
    const end = this.ends[last] as number;
    for (let i = 0; i < length; i++) chunk[end + i] = record[i] as number;
    this.ends[last] = end + length;
    this.size += 1;
  }

  /** Takes the oldest record out, into `buffer` at `at`; its length, or 0 if there is none. */
  shift(buffer: Int32Array, at: number, servers: number): number {
    if (this.size === 0) return 0;
    if (this.readAt === this.ends[0]) {
      this.chunks.shift();
      this.ends.shift();
      this.readAt = 0;
    }
    const chunk = this.chunks[0] as Int32Array;
    const start = this.readAt;
    const length = servers + 2 + (chunk[start + servers + 1] as number);
    for (let i = 0; i < length; i++) buffer[at + i] = chunk[start + i] as number;
    this.readAt = start + length;
    this.size -= 1;
    return length;
  }
}
