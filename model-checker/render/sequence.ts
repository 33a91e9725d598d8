/**
 * A schedule as a message-sequence chart: a lifeline for each server, an arrow for each message
 * that arrives, a mark for what happens to a server by itself, and beside it what happened.
 */
import type { ReplayStep } from "../replay.ts";
import { type Action, positionOf, type World } from "../world.ts";
import { messageText } from "./words.ts";

/** How much room there is, and whether characters beyond ASCII can be shown. */
export interface Screen {
  readonly width: number;
  readonly unicode: boolean;
}

interface Glyphs {
  readonly life: string;
  readonly line: string;
  readonly crossing: string;
  /** The start of an arrow to the right and to the left; its tips; a start without a server. */
  readonly starts: readonly [string, string];
  readonly tips: readonly [string, string];
  readonly mark: string;
  readonly restart: string;
  readonly cut: string;
  readonly more: string;
}

const UNICODE: Glyphs = {
  life: "│",
  line: "─",
  crossing: "┼",
  starts: ["├", "┤"],
  tips: ["▶", "◀"],
  mark: "●",
  restart: "○",
  cut: "╌",
  more: "…",
};
const ASCII: Glyphs = {
  life: "|",
  line: "-",
  crossing: "|",
  starts: ["|", "|"],
  tips: [">", "<"],
  mark: "*",
  restart: "o",
  cut: "~",
  more: "...",
};
const CRASH = "X";
const LOSS = "x";

interface Layout {
  readonly glyphs: Glyphs;
  readonly names: readonly string[];
  /** Columns of step numbers. */
  readonly gutter: number;
  /** Columns from one lifeline to the next. */
  readonly gap: number;
  /** Columns of text, and where they start. */
  readonly textWidth: number;
  readonly textStart: number;
}

const GAP = { least: 5, most: 12 };
const TEXT = { least: 12, wanted: 47 };

function layoutFor(world: World, count: number, { width, unicode }: Screen): Layout {
  const names = world.configs.map(({ id }) => id);
  const gutter = String(count).length + 2;
  const gaps = Math.max(1, names.length - 1);
  const wanted = Math.floor((width - gutter - 4 - TEXT.wanted) / gaps);
  const gap = Math.min(GAP.most, Math.max(GAP.least, wanted));
  const textStart = gutter + 1 + (names.length - 1) * gap + 4;
  const textWidth = Math.max(TEXT.least, width - textStart);
  const glyphs = unicode ? UNICODE : ASCII;
  return { glyphs, names, gutter, gap, textStart, textWidth };
}

function column(layout: Layout, position: number): number {
  return layout.gutter + 1 + position * layout.gap;
}

/** The chart of `steps`, from top to bottom; `violation` closes it where there is one. */
export function sequenceChart(
  steps: readonly ReplayStep[],
  violation: string | null,
  screen: Screen,
): readonly string[] {
  const [first] = steps;
  if (first === undefined) return [];
  const layout = layoutFor(first.before, steps.length, screen);
  const heading = headingOf(layout);
  const rows = steps.flatMap((step, i) => rowsOf(layout, step, String(i + 1)));
  const last = steps.at(-1)?.outcome.world ?? first.before;
  const end = violation === null ? [] : [row(layout, lifelines(layout, last), `^ ${violation}`)];
  return [heading, ...rows, ...end, heading];
}

/** What the signs of a chart mean. */
export function chartLegend({ unicode }: Screen): string {
  const { starts, line, tips, mark, restart } = unicode ? UNICODE : ASCII;
  const arrow = `${starts[0]}${line}${line}`;
  return (
    `${arrow}${tips[0]} arrives   ${arrow}${LOSS} is lost   ` +
    `${mark} by itself   ${CRASH} crash   ${restart} restart`
  );
}

function headingOf(layout: Layout): string {
  const cells = new Array<string>(layout.textStart).fill(" ");
  layout.names.forEach((name, i) => {
    const start = column(layout, i) - Math.floor((name.length - 1) / 2);
    put(cells, start, name);
  });
  return cells.join("").trimEnd();
}

function put(cells: string[], start: number, text: string): void {
  [...text].forEach((char, i) => {
    cells[start + i] = char;
  });
}

/** A row with the lifelines of the servers that are up in `world`. */
function lifelines(layout: Layout, world: World): string[] {
  const cells = new Array<string>(layout.textStart).fill(" ");
  world.processes.forEach(({ kind }, i) => {
    if (kind === "up") cells[column(layout, i)] = layout.glyphs.life;
  });
  return cells;
}

function row({ textWidth, glyphs }: Layout, cells: readonly string[], text: string): string {
  const { more } = glyphs;
  const shown =
    text.length <= textWidth ? text : `${text.slice(0, textWidth - more.length).trimEnd()}${more}`;
  return (cells.join("") + shown).trimEnd();
}

/** One row; a second where what came of it does not fit beside what happened. */
function rowsOf(layout: Layout, step: ReplayStep, number: string): readonly string[] {
  const { action, before, outcome } = step;
  const cells = lifelines(layout, outcome.world);
  put(cells, layout.gutter - 1 - number.length, number);
  draw(layout, cells, before, action);
  const what = wordsFor(action);
  const came = cameOf(step);
  if (came === "") return [row(layout, cells, what)];
  const together = `${what}: ${came}`;
  if (together.length <= layout.textWidth) return [row(layout, cells, together)];
  return [row(layout, cells, what), row(layout, lifelines(layout, outcome.world), `  ${came}`)];
}

function draw(layout: Layout, cells: string[], world: World, action: Action): void {
  const { glyphs, names } = layout;
  switch (action.kind) {
    case "deliver":
    case "duplicate":
    case "drop": {
      const { from, to } = action.message;
      const isLost = action.kind === "drop";
      drawArrow(layout, cells, positionOf(world, from), positionOf(world, to), isLost);
      return;
    }
    case "partition":
    case "heal":
      for (let at = column(layout, 0); at <= column(layout, names.length - 1); at++) {
        if (cells[at] === " ") cells[at] = glyphs.cut;
      }
      return;
    default: {
      const at = column(layout, positionOf(world, action.server));
      const marks: Partial<Record<Action["kind"], string>> = {
        crash: CRASH,
        restart: glyphs.restart,
      };
      cells[at] = marks[action.kind] ?? glyphs.mark;
    }
  }
}

function drawArrow(layout: Layout, cells: string[], from: number, to: number, lost: boolean): void {
  const { life, line, crossing, starts, tips } = layout.glyphs;
  const way = to > from ? 1 : -1;
  const side = to > from ? 0 : 1;
  const [start, end] = [column(layout, from), column(layout, to)];
  // A lost message gets half of the way.
  const tip = lost ? Math.round((start + end) / 2) : end - way;
  for (let at = start + way; at !== tip; at += way) {
    cells[at] = cells[at] === life ? crossing : line;
  }
  cells[start] = cells[start] === life ? starts[side] : line;
  cells[tip] = lost ? LOSS : tips[side];
}

function wordsFor(action: Action): string {
  switch (action.kind) {
    case "deliver":
    case "drop":
      return messageText(action.message);
    case "duplicate":
      return `(copy) ${messageText(action.message)}`;
    case "partition":
      return `partition ${action.groups.map((group) => group.join(" ")).join(" | ")}`;
    case "propose":
      return `propose ${action.command}`;
    default:
      return action.kind;
  }
}

/** The changes that make a story: roles and commits. */
function cameOf({ before, outcome }: ReplayStep): string {
  if (outcome.server === null) return "";
  const position = positionOf(before, outcome.server);
  const [then, now] = [before.processes[position], outcome.world.processes[position]];
  if (then?.kind !== "up" || now?.kind !== "up") return "";
  const [was, is] = [then.state, now.state];
  const news: string[] = [];
  if (was.role.kind !== is.role.kind) news.push(`${is.role.kind} of term ${is.currentTerm}`);
  else if (was.currentTerm !== is.currentTerm) news.push(`term ${is.currentTerm}`);
  if (is.commitIndex > was.commitIndex) news.push(`commits ${is.commitIndex}`);
  return news.join(", ");
}
