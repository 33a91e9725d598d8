/** `quorate members [ACTION]`: who belongs to the cluster, and changes of that. */
import * as Argument from "effect/cli/Argument";
import { type ClientContext, clientCommand, type Said } from "../client-command.ts";
import { UsageError } from "../exit-codes.ts";
import { type Member, parseMember } from "../member-text.ts";
import { tableLines } from "../table.ts";

const ABOUT = `Print the members, or change them

  list                             who belongs to the cluster, and where (default)
  add ID=HOST:PORT@URL             a learner: it is sent the log, and does not vote
  promote ID                       a learner that has what is committed becomes a voter
  remove ID                        a member leaves
  replace ID ID=HOST:PORT@URL      the second, once it has caught up, takes the place of the first`;

/** What follows each action. */
const EXPECTED: ReadonlyMap<string, string> = new Map([
  ["list", ""],
  ["add", "ID=HOST:PORT@URL"],
  ["promote", "ID"],
  ["remove", "ID"],
  ["replace", "ID ID=HOST:PORT@URL"],
]);

const parameters = {
  words: Argument.String("action").pipe(
    Argument.withMetavar("ACTION"),
    Argument.withDescription("list, add, promote, remove or replace, and what it is about"),
    Argument.variadic({ min: 0 }),
  ),
};

/** @throws UsageError where the text is no server with its places. */
function memberOf(text: string): Member {
  const member = parseMember(text);
  if (typeof member === "string") throw new UsageError(`${JSON.stringify(text)}: ${member}`);
  return member;
}

async function list({ client }: ClientContext): Promise<Said> {
  const members = await client.members.list();
  const { voters, outgoingVoters, learners, addresses } = members;
  const roleOf = (id: string): string => {
    if (voters.includes(id)) return outgoingVoters.includes(id) ? "voter (joint)" : "voter";
    if (outgoingVoters.includes(id)) return "leaving voter";
    return learners.includes(id) ? "learner" : "no member";
  };
  const ids = [...new Set([...voters, ...outgoingVoters, ...learners])];
  const rows = ids.map((id) => {
    const address = addresses.find((it) => it.id === id);
    return [id, roleOf(id), address?.peer ?? "?", address?.client ?? "?"];
  });
  const head = ["server", "role", "peers at", "clients at"];
  return { text: tableLines([head, ...rows]).join("\n"), json: members };
}

async function change({ client }: ClientContext, words: readonly string[]): Promise<string> {
  const [action, first, second] = words;
  const expected = EXPECTED.get(action ?? "");
  if (expected === undefined) {
    throw new UsageError(`${action}: expected ${[...EXPECTED.keys()].join(", ")}`);
  }
  const wants = expected === "" ? 1 : 1 + expected.split(" ").length;
  if (words.length !== wants || first === undefined) {
    const got = words.slice(1).join(" ") || "nothing";
    throw new UsageError(`${action}: expected ${expected || "nothing"}, got ${got}`);
  }
  const { members } = client;
  switch (action) {
    case "add":
      await members.add(memberOf(first));
      return `${memberOf(first).id} is a learner now: promote it once it has caught up`;
    case "promote":
      await members.promote(first);
      return `${first} is a voter now`;
    case "remove":
      await members.remove(first);
      return `${first} is no member any more: stop it`;
    default:
      await members.replace(first, memberOf(second as string));
      return `${memberOf(second as string).id} is a voter in the place of ${first}: stop that`;
  }
}

/** The subcommand. */
export const command = clientCommand("members", ABOUT, parameters, async (context, { words }) => {
  const [action = "list"] = words;
  if (action === "list" && words.length <= 1) return list(context);
  return { text: await change(context, words), json: { done: true } };
});
