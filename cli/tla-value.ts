/** Values over several lines, broken where TLC breaks them, so that traces can be compared. */
import {
  asTuple,
  FunctionValue,
  RecordValue,
  SetValue,
  show,
  type Value,
} from "../model-checker/tla/values/index.ts";

const WIDTH = 80;

/** A value in TLC's notation: on one line if that is not longer than 80 columns. */
export function laidOut(value: Value): string {
  return layOut(value, { width: WIDTH, trailer: 0, indent: "" });
}

/** The columns there are, those to keep free on the last line, and what later lines begin with. */
interface Room {
  readonly width: number;
  readonly trailer: number;
  readonly indent: string;
}

/** How the parts of a value are put between its ends. */
interface Style {
  readonly open: string;
  readonly close: string;
  readonly separator: string;
}

const SET: Style = { open: "{ ", close: " }", separator: "," };
const TUPLE: Style = { open: "<< ", close: " >>", separator: "," };
const RECORD: Style = { open: "[ ", close: " ]", separator: "," };
const FUNCTION: Style = { open: "( ", close: " )", separator: " @@" };

function layOut(value: Value, room: Room): string {
  const flat = show(value);
  if (flat.length <= room.width - room.trailer) return flat;
  if (value instanceof SetValue) return list(value.elements(), SET, room);
  if (!(value instanceof FunctionValue)) return flat;
  const tuple = asTuple(value);
  if (tuple !== null) return list(tuple.elements, TUPLE, room);
  const keys = value.domain().elements();
  const isRecord = value instanceof RecordValue;
  const pairs = keys.map((key): readonly [string, Value] => {
    const shown = show(key);
    return [isRecord ? `${shown.slice(1, -1)} |->` : `${shown} :>`, value.apply(key)];
  });
  return between(pairs, isRecord ? RECORD : FUNCTION, room, pairLines);
}

function list(elements: readonly Value[], style: Style, room: Room): string {
  return between(elements, style, room, layOut);
}

function between<T>(
  parts: readonly T[],
  { open, close, separator }: Style,
  { width, trailer, indent }: Room,
  lay: (part: T, room: Room) => string,
): string {
  const inner = indent + " ".repeat(open.length);
  const laid = parts.map((part, i) => {
    const end = i === parts.length - 1 ? trailer + close.length : separator.length;
    return lay(part, { width: width - open.length, trailer: end, indent: inner });
  });
  return `${open}${laid.join(`${separator}\n${inner}`)}${close}`;
}

/** A key and its value, on one line or the value on the next. */
function pairLines([key, value]: readonly [string, Value], room: Room): string {
  const { width, trailer, indent } = room;
  const flat = `${key} ${show(value)}`;
  if (flat.length <= width - trailer) return flat;
  const inner = `${indent}    `;
  return `${key}\n${inner}${layOut(value, { width: width - 4, trailer, indent: inner })}`;
}
