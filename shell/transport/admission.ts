/** What a message must be to be let in, beyond being one. */
import { type Message, messageFault, type ServerId } from "../../kernel/index.ts";
import type { Settings } from "./settings.ts";

/** Judges messages, and remembers the highest term of those that were good or were sent. */
export class Admission {
  private readonly settings: Settings;
  private highestTerm = 0;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  /** A message of this term was sent: others may well answer in it. */
  sent(term: number): void {
    if (term > this.highestTerm) this.highestTerm = term;
  }

  /** Why a message on a connection of `peer` is refused, a counter's name; null if it is good. */
  refusal(message: Message, peer: ServerId): string | null {
    const { id, limits } = this.settings;
    if (message.from !== peer) return "wrong_sender";
    if (message.to !== id) return "wrong_receiver";
    if (messageFault(message) !== null) return "invalid_message";
    if (message.term - this.highestTerm > limits.maxTermJump) return "term_jump";
    this.sent(message.term);
    return null;
  }
}
