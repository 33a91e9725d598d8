/** A server with its places as one word: ID=HOST:PORT@URL. */
import { type Address, addressFault } from "../shell/machines/cluster.ts";

/** A server, and where peers and clients reach it. */
export interface Member extends Address {
  readonly id: string;
}

/** The member that `text` is, or what is wrong with it. */
export function parseMember(text: string): Member | string {
  const parts = /^([^=]*)=([^@]*)@(.*)$/.exec(text);
  if (parts === null) return "expected ID=HOST:PORT@URL";
  const [, id = "", peer = "", client = ""] = parts;
  return addressFault({ id, peer, client }) ?? { id, peer, client };
}
