/** What is open at some place in a text: brackets, and words that another word must follow. */

/** The `word` that starts at `offset` is still without what it `wants`. */
export interface OpenConstruct {
  readonly word: string;
  readonly offset: number;
  readonly wants: string;
}

const WANTS: Readonly<Record<string, string>> = {
  "(": ")",
  "[": "]",
  "{": "}",
  "<<": ">>",
  IF: "THEN",
  LET: "IN",
  CHOOSE: ":",
  LAMBDA: ":",
  "\\A": ":",
  "\\E": ":",
};

/** Operators that look like brackets come first, so that they are passed over. */
const TOKEN =
  /"(?:[^"\\\n]|\\.)*"|\((?:[-+./]|\\X)\)|\[\]|::=?|:[=>]|<:|<<|>>|\\?\w+|[()[\]{}:]|={4,}/g;

/** The innermost construct that is open before `end`, or null. */
export function innermostOpen(text: string, end: number): OpenConstruct | null {
  let open: OpenConstruct[] = [];
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (index >= end) break;
    const wanted = WANTS[token];
    const closes = open.findLastIndex(({ wants }) => wants === token);
    if (wanted !== undefined) open.push({ word: token, offset: index, wants: wanted });
    else if (token === "THEN" && closes >= 0) {
      open = [...open.slice(0, closes), { ...open[closes]!, wants: "ELSE" }];
    } else if (token !== ":" || closes === open.length - 1) {
      if (closes >= 0) open = open.slice(0, closes);
    }
  }
  return open.at(-1) ?? null;
}
