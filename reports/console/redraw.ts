const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
/** Terminals that know it show all that comes in between at once; others ignore it. */
const BEGIN_UPDATE = '\u001B[?2026h';
const END_UPDATE = '\u001B[?2026l';
const CLEAR_TO_LINE_END = '\u001B[K';
const CLEAR_BELOW = '\u001B[J';

/** Lines at the bottom of a terminal that are drawn over again in place. */
export interface Redraw {
  /** Shows these lines in place of the ones before; `above` are lines that stay. */
  frame(lines: readonly string[], above?: readonly string[]): void;
  /** Writes lines that stay, above the frame. */
  above(lines: readonly string[]): void;
  /** Takes the frame away and gives the cursor back; may be called again. */
  end(above?: readonly string[]): void;
}

/**
 * Each update is one write, and every line is overwritten before its rest is cleared: nothing is blank in between, so nothing
 * flickers. Lines must not be wider than the terminal. A process that exits without `end` still gives the cursor back.
 */
export function createRedraw(stream: { write(text: string): unknown }): Redraw {
  let shown: readonly string[] = [];
  let hidden = false;
  const showCursor = (): void => {
    stream.write(SHOW_CURSOR);
  };
  const draw = (lines: readonly string[], above: readonly string[]): void => {
    const start = hidden ? '' : HIDE_CURSOR;
    if (!hidden) process.once('exit', showCursor);
    hidden = true;
    const up = shown.length > 0 ? `\u001B[${shown.length}A` : '';
    const text = [...above, ...lines].map((line) => `${line}${CLEAR_TO_LINE_END}\n`).join('');
    stream.write(`${start}${BEGIN_UPDATE}${up}\r${text}${CLEAR_BELOW}${END_UPDATE}`);
    shown = lines;
  };
  return {
    frame: (lines, above = []) => draw(lines, above),
    above: (lines) => {
      if (hidden) draw(shown, lines);
      else if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
    },
    end: (above = []) => {
      if (!hidden) return;
      draw([], above);
      process.off('exit', showCursor);
      hidden = false;
      showCursor();
    },
  };
}
