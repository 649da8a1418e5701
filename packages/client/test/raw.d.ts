/** A file as text: vitest reads it so, and the universal packages have no node types. */
declare module '*?raw' {
  const text: string;
  export default text;
}
