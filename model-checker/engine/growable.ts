/** Growing typed arrays. Readers use `data` directly; it is replaced when it grows. */

/** A growing array of 32-bit integers. */
export class Int32List {
  data = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.data.length) this.data = doubled(this.data);
    this.data[this.length++] = value;
  }
}

function doubled(data: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(data.length * 2);
  grown.set(data);
  return grown;
}

const SEGMENT_BITS = 22;
const SEGMENT_SIZE = 1 << SEGMENT_BITS;

/** A growing array of bytes in segments, so that it grows without copying. */
export class ByteList {
  private readonly segments: Uint8Array[] = [];
  length = 0;

  push(value: number): void {
    const offset = this.length & (SEGMENT_SIZE - 1);
    if (offset === 0) this.segments.push(new Uint8Array(SEGMENT_SIZE));
    (this.segments[this.segments.length - 1] as Uint8Array)[offset] = value;
    this.length += 1;
  }

  at(position: number): number {
    const segment = this.segments[Math.floor(position / SEGMENT_SIZE)] as Uint8Array;
    return segment[position & (SEGMENT_SIZE - 1)] as number;
  }

  get bytes(): number {
    return this.segments.length * SEGMENT_SIZE;
  }
}
