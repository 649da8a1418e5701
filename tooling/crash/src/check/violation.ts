/** A promise that was not kept. */
export interface Violation {
  /** Which one; the README has the list. */
  readonly rule: string;
  /** Whose journal shows it: a client id, or `server`. */
  readonly journal: string;
  readonly message: string;
  /** Place in that journal, where there is one. */
  readonly index?: number;
}

/** With very many there is one cause: the first ones show it. */
const most = 50;

/** Collects what the checks find. */
export class Findings {
  readonly violations: Violation[] = [];

  add(rule: string, journal: string, message: string, index?: number): void {
    if (this.violations.length >= most) return;
    this.violations.push({ rule, journal, message, ...(index === undefined ? {} : { index }) });
  }
}
