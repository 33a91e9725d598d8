/** `quorate status`: every server of the cluster, in a table. */
import type { PromiseClient } from "../../shell/client/index.ts";
import { bytesText } from "../bytes.ts";
import { type ClientContext, clientCommand, type Said } from "../client-command.ts";
import { EXIT } from "../exit-codes.ts";
import { tableLines } from "../table.ts";

type Status = Awaited<ReturnType<PromiseClient["status"]>>;

/** A server, and what it says; null where it does not answer. */
interface Row {
  readonly id: string;
  /** Null where it is not known. */
  readonly url: string | null;
  readonly status: Status | null;
}

const HEAD = [
  "server",
  "role",
  "term",
  "commit",
  "applied",
  "log",
  "lag",
  "disk",
  "votes",
  "clients at",
];

function cellsOf({ id, url, status }: Row, leader: Status | null): readonly string[] {
  if (status === null) return [id, "does not answer", "", "", "", "", "", "", "", url ?? "?"];
  const { role, term, commitIndex, appliedIndex, snapshotIndex, lastIndex, disk } = status;
  const lag =
    leader === null ? "?" : Math.max(0, leader.lastIndex - lastIndex).toLocaleString("en");
  const { voters, outgoingVoters, learners } = (leader ?? status).configuration;
  const isVoter = voters.includes(id) || outgoingVoters.includes(id);
  return [
    id,
    role,
    String(term),
    commitIndex.toLocaleString("en"),
    appliedIndex.toLocaleString("en"),
    `${snapshotIndex + 1}-${lastIndex}`,
    lag,
    disk === undefined ? "?" : bytesText(disk.log + disk.snapshots),
    isVoter ? "yes" : learners.includes(id) ? "learner" : "no",
    url ?? "?",
  ];
}

async function statusOf({ client, clientOf, emphasise }: ClientContext): Promise<Said> {
  const { voters, outgoingVoters, learners, addresses } = await client.members.list();
  const ids = [...new Set([...voters, ...outgoingVoters, ...learners])];
  const rows = await Promise.all(
    ids.map(async (id): Promise<Row> => {
      const url = addresses.find((it) => it.id === id)?.client;
      if (url === undefined) return { id, url: null, status: null };
      const status = await clientOf(url)
        .status()
        .catch(() => null);
      return { id, url, status };
    }),
  );
  const leaders = rows.flatMap(({ status }) => (status?.role === "leader" ? [status] : []));
  const leader = leaders.toSorted((a, b) => b.term - a.term)[0] ?? null;
  const [head = "", ...lines] = tableLines([HEAD, ...rows.map((row) => cellsOf(row, leader))]);
  const painted = lines.map((line, at) => {
    const status = rows[at]?.status;
    if (status === null) return emphasise(line, "red");
    return status?.role === "leader" ? emphasise(line, "green") : line;
  });
  const isWell = leader !== null && rows.every(({ status }) => status !== null);
  return {
    text: [head, ...painted, ...(leader === null ? ["no server leads"] : [])].join("\n"),
    json: { leader: leader?.id ?? null, servers: rows },
    code: isWell ? EXIT.ok : EXIT.violated,
  };
}

/** The subcommand. */
export const command = clientCommand(
  "status",
  "Print what each server says of itself; exit code 1 where one does not answer or none leads",
  {},
  statusOf,
);
