import { byPath } from '../by-path.js';

const facts = new Map<string, () => unknown>();

/** Collects the facts of a suite, for the Node process to have them run one by one. */
export const collecting = byPath(
  (_name, body) => body(),
  (path, _name, fact) => {
    if (facts.has(path)) throw new Error(`two facts are called ${path}`);
    facts.set(path, fact);
  },
);

declare global {
  interface Window {
    run(path: string): Promise<void>;
  }
}

window.run = async (path) => {
  const fact = facts.get(path);
  if (fact === undefined) throw new Error(`the page has no fact called ${path}`);
  await fact();
};
