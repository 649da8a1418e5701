import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';

it('the example of the README runs and prints what it says', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = readFileSync(new URL('./example.ts', import.meta.url), 'utf8');
  expect(readme).toContain(`\`\`\`ts\n${code}\`\`\``);
  const printed: unknown[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((value) => void printed.push(value));
  await import('./example.js');
  log.mockRestore();
  expect(printed).toEqual([1, 'accepted', ['SEQUENCE 0']]);
  expect(code.match(/\/\/ prints:/g)).toHaveLength(printed.length);
});
