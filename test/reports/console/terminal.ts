/* oxlint-disable no-control-regex -- escape sequences are what this file is about */
import { displayWidth } from '../../../reports/console/width.ts';

/**
 * What a terminal shows after the escape sequences that the live view uses: enough of one to see whether redrawing in place
 * leaves the right lines. A line that is too wide goes on in the next row, as it does on a real one. Unknown sequences are
 * an error.
 */
export class Terminal {
  readonly columns: number;
  readonly writes: string[] = [];
  cursorVisible = true;
  /** Rows of cells; a wide character is followed by an empty cell. */
  #rows: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  get screen(): string[] {
    return this.#rows.map((cells) => cells.join('').trimEnd());
  }

  write(text: string): void {
    this.writes.push(text);
    for (const [token] of text.matchAll(/\u001B\[[?\d;]*[A-Za-z]|[^]/gu)) this.#take(token);
  }

  #take(token: string): void {
    const [, parameter = '', command = ''] = /^\u001B\[([?\d;]*)([A-Za-z])$/.exec(token) ?? [];
    if (token === '\n') this.#nextRow();
    else if (token === '\r') this.#column = 0;
    else if (command === 'A') this.#row = Math.max(0, this.#row - Number(parameter));
    else if (command === 'K') this.#cells.length = Math.min(this.#cells.length, this.#column);
    else if (command === 'J') {
      this.#cells.length = Math.min(this.#cells.length, this.#column);
      this.#rows.length = this.#row + 1;
    } else if (parameter === '?25') this.cursorVisible = command === 'h';
    else if (command === '') this.#print(token);
    else if (command !== 'm' && parameter !== '?2026') throw new Error(`unknown sequence ${JSON.stringify(token)}`);
  }

  get #cells(): string[] {
    return (this.#rows[this.#row] ??= []);
  }

  #nextRow(): void {
    this.#row++;
    this.#column = 0;
    this.#rows[this.#row] ??= [];
  }

  #print(character: string): void {
    const width = displayWidth(character);
    if (this.#column + width > this.columns) this.#nextRow();
    const cells = this.#cells;
    while (cells.length < this.#column) cells.push(' ');
    cells.splice(this.#column, width, character, ...Array<string>(width - 1).fill(''));
    this.#column += width;
  }
}
