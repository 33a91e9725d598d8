/**
 * Messages in flight as ids. In an unordered network a packet is a message; in a FIFO network it
 * is a message with its place in its link's queue, so that a sum of keys still tells queues apart.
 */
import type { Message } from "../../kernel/index.ts";
import { type Bounds, serverNames } from "../bounds.ts";
import type { Permutation } from "../symmetry.ts";
import { Components } from "./components.ts";
import { Int32List } from "./growable.ts";

/** A message in flight, and how many of its link are ahead of it. */
export interface Packet {
  readonly message: Message;
  readonly rank: number;
}

/** Interned packets. */
export class Packets {
  readonly components: Components<Packet>;
  /** Position of the receiver, by packet. */
  readonly receivers = new Int32List();
  /** The link, by packet: equal numbers, equal sender and receiver. */
  readonly links = new Int32List();
  readonly ranks = new Int32List();

  constructor(bounds: Bounds, group: readonly Permutation[]) {
    const names = serverNames(bounds);
    this.components = new Components("packet", group, ({ message, rank }) => {
      const receiver = names.indexOf(message.to);
      this.receivers.push(receiver);
      this.links.push(names.indexOf(message.from) * names.length + receiver);
      this.ranks.push(rank);
    });
  }

  /** The packet of `message` behind `rank` others. */
  intern(message: Message, rank: number): number {
    return this.components.intern({ message, rank });
  }

  /** The packet with the same message at another rank. */
  atRank(id: number, rank: number): number {
    return this.intern(this.components.valueOf(id).message, rank);
  }
}
