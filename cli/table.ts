/** Tables of text: two spaces between columns as wide as what they hold. */

/** How a table is set. */
export interface TableLayout {
  /**
   * So many columns hold words, set to the left; the others hold figures, set to the right. By
   * default every cell is by itself: a number is a figure.
   */
  readonly words?: number;
  /** What a column is at least: lines that are set one at a time stand below each other by it. */
  readonly widths?: readonly number[];
  readonly isIndented?: boolean;
}

/** Rows of cells as lines. The first row has a cell for every column. */
export function tableLines(
  rows: readonly (readonly string[])[],
  { words, widths: least = [], isIndented = false }: TableLayout = {},
): readonly string[] {
  const [head = []] = rows;
  const widths = head.map((_, column) =>
    Math.max(least[column] ?? 0, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const isFigure = (cell: string, column: number): boolean =>
    words === undefined ? /^[\d,]+$/.test(cell) : column >= words;
  const set = (cell: string, column: number): string => {
    const width = widths[column] ?? 0;
    return isFigure(cell, column) ? cell.padStart(width) : cell.padEnd(width);
  };
  const indent = isIndented ? "  " : "";
  return rows.map((row) => `${indent}${row.map(set).join("  ")}`.trimEnd());
}
