// Does what its first argument says.
const [, , what, ...rest] = process.argv;
const tasks = {
  echo: () => process.stdin.on('data', (text) => process.stdout.write(text)).on('end', () => process.exit(3)),
  count: () => {
    for (let n = 0; n < Number(rest[0]); n += 1) console.log(n);
  },
  fail: () => {
    console.error('no such thing');
    process.exit(7);
  },
  env: () => console.log(process.env.SAID, process.execArgv.join()),
  orphan: () => {
    process.once('disconnect', () => process.exit(5));
    console.log('ready');
  },
};
tasks[what]();
