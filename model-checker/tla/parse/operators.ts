/**
 * The operator symbols of TLA+: their synonyms, and how tightly they bind.
 * Source: Lamport, Specifying Systems, section 15.2.1 and tables 6 and 8.
 */

/** Each symbol as `canonicalSymbol` spells it, with the other spellings after it. */
const SYNONYMS: readonly (readonly string[])[] = [
  ["~", "\\lnot", "\\neg", "¬"],
  ["/\\", "\\land", "∧"],
  ["\\/", "\\lor", "∨"],
  ["=>", "⟹", "⇒"],
  ["<=>", "\\equiv", "≡", "⟺", "⇔"],
  ["-+->", "⇸", "⥅"],
  ["~>", "⇝", "↝"],
  ["[]", "□"],
  ["<>", "⋄", "◇"],
  ["#", "/=", "≠"],
  ["<=", "=<", "\\leq", "≤"],
  [">=", "\\geq", "≥"],
  ["\\in", "∈"],
  ["\\notin", "∉"],
  ["\\subseteq", "⊆"],
  ["\\supseteq", "⊇"],
  ["\\subset", "⊂"],
  ["\\supset", "⊃"],
  ["\\cup", "\\union", "∪"],
  ["\\cap", "\\intersect", "∩"],
  ["\\X", "\\times", "×"],
  ["\\o", "\\circ", "∘"],
  ["\\div", "÷"],
  ["\\cdot", "⋅"],
  ["..", "‥"],
  ["...", "…"],
  ["(+)", "\\oplus", "⊕"],
  ["(-)", "\\ominus", "⊖"],
  ["(.)", "\\odot", "⊙"],
  ["(/)", "\\oslash", "⊘"],
  ["(\\X)", "\\otimes", "⊗"],
  [":=", "≔"],
  ["::=", "⩴"],
  ["!!", "‼"],
  ["??", "⁇"],
  ["||", "‖"],
  ["|-", "⊢"],
  ["|=", "⊨"],
  ["-|", "⊣"],
  ["=|", "⫤"],
  ["^+", "⁺"],
  ["\\approx", "≈"],
  ["\\asymp", "≍"],
  ["\\bigcirc", "◯"],
  ["\\bullet", "●"],
  ["\\cong", "≅"],
  ["\\doteq", "≐"],
  ["\\gg", "≫"],
  ["\\ll", "≪"],
  ["\\prec", "≺"],
  ["\\preceq", "⪯"],
  ["\\propto", "∝"],
  ["\\sim", "∼"],
  ["\\simeq", "≃"],
  ["\\sqcap", "⊓"],
  ["\\sqcup", "⊔"],
  ["\\sqsubset", "⊏"],
  ["\\sqsubseteq", "⊑"],
  ["\\sqsupset", "⊐"],
  ["\\sqsupseteq", "⊒"],
  ["\\star", "⋆"],
  ["\\succ", "≻"],
  ["\\succeq", "⪰"],
  ["\\uplus", "⊎"],
  ["\\wr", "≀"],
  ["Nat", "ℕ"],
  ["Int", "ℤ"],
  ["Real", "ℝ"],
];

const CANONICAL = new Map(
  SYNONYMS.flatMap(([canonical, ...others]) => others.map((other) => [other, canonical!])),
);

/** The one spelling of an operator symbol: `<=` for `=<`, `\leq` and `≤`; others are their own. */
export function canonicalSymbol(symbol: string): string {
  return CANONICAL.get(symbol) ?? symbol;
}

/** Operators of one range of precedence; `chain` names those that may follow themselves. */
interface Level {
  readonly low: number;
  readonly high: number;
  readonly chain: string;
  readonly alone: string;
}

const INFIX_LEVELS: readonly Level[] = [
  { low: 1, high: 1, chain: "", alone: "=>" },
  { low: 2, high: 2, chain: "", alone: "-+-> <=> ~>" },
  { low: 3, high: 3, chain: "/\\ \\/", alone: "" },
  {
    low: 5,
    high: 5,
    chain: "",
    alone:
      ":= ::= = # < > <= >= \\approx |- |= -| =| \\asymp \\cong \\doteq \\gg \\ll \\in \\notin " +
      "\\prec \\succ \\preceq \\succeq \\propto \\sim \\simeq \\sqsubset \\sqsupset " +
      "\\sqsubseteq \\sqsupseteq \\subset \\supset \\subseteq \\supseteq",
  },
  { low: 5, high: 14, chain: "\\cdot", alone: "" },
  { low: 6, high: 6, chain: "@@", alone: "" },
  { low: 7, high: 7, chain: "", alone: ":> <:" },
  { low: 8, high: 8, chain: "\\cap \\cup", alone: "\\" },
  { low: 9, high: 9, chain: "", alone: ".. ..." },
  { low: 9, high: 13, chain: "$ $$ ?? ## \\sqcap \\sqcup \\uplus", alone: "!!" },
  { low: 9, high: 14, chain: "", alone: "\\wr" },
  { low: 10, high: 10, chain: "+ ++ (+)", alone: "" },
  { low: 10, high: 11, chain: "%% | ||", alone: "%" },
  { low: 10, high: 13, chain: "\\X", alone: "" },
  { low: 11, high: 11, chain: "- -- (-)", alone: "" },
  {
    low: 13,
    high: 13,
    chain: "& && (.) (\\X) * ** \\bigcirc \\bullet \\o \\star",
    alone: "(/) / // \\div",
  },
  { low: 14, high: 14, chain: "", alone: "^ ^^" },
];
const PREFIX_LEVELS: readonly Level[] = [
  { low: 4, high: 4, chain: "", alone: "~" },
  { low: 4, high: 15, chain: "", alone: "ENABLED UNCHANGED [] <>" },
  { low: 10, high: 13, chain: "", alone: "UNION SUBSET DOMAIN" },
  { low: 12, high: 12, chain: "", alone: "-." },
];
const POSTFIX_LEVELS: readonly Level[] = [{ low: 15, high: 15, chain: "", alone: "' ^+ ^* ^#" }];

/** How tightly an operator binds: from `low` to `high`, and whether `a op b op c` is allowed. */
export interface Precedence {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly chains: boolean;
}

const PRECEDENCES = new Map(
  [...INFIX_LEVELS, ...PREFIX_LEVELS, ...POSTFIX_LEVELS].flatMap((level) =>
    [...words(level.chain), ...words(level.alone)].map((name): [string, Precedence] => [
      name,
      { name, low: level.low, high: level.high, chains: words(level.chain).includes(name) },
    ]),
  ),
);

function words(text: string): readonly string[] {
  return text.split(" ").filter((word) => word !== "");
}

/** The precedence of an operator by its canonical name; a negation's is that of "-.". */
export function precedenceOf(name: string): Precedence {
  const found = PRECEDENCES.get(name);
  if (found === undefined) throw new Error(`no precedence of ${name}`);
  return found;
}

/** Whether `x left y right z` is read `(x left y) right z`. */
export function bindsBefore(left: Precedence, right: Precedence): boolean {
  return left.low > right.high || (left.name === right.name && left.chains);
}

/** Whether `x left y right z` is read `x left (y right z)`. */
export function bindsAfter(left: Precedence, right: Precedence): boolean {
  return left.high < right.low;
}
