type Body = () => void;
type Fact = () => void | Promise<void>;

/** What the suites of the packages ask of a test runner. */
export interface Runner {
  describe(name: string, body: Body): void;
  it(name: string, fact: Fact): void;
}

/** A runner that knows each fact by all the names above it: those of one suite are the same in the page and in Node. */
export function byPath(
  describe: (name: string, body: Body) => unknown,
  it: (path: string, name: string, fact: Fact) => unknown,
): Runner {
  let above = '';
  return {
    describe(name, body) {
      const path = `${above}${name} > `;
      // A runner may call the body at once or later.
      describe(name, () => {
        const outer = above;
        above = path;
        body();
        above = outer;
      });
    },
    it: (name, fact) => void it(above + name, name, fact),
  };
}
