import { describe, it } from 'vitest';
import { crypto as node } from '../src/node/index.js';
import { crypto as portable } from '../src/portable/index.js';
import { cryptoSuite } from '../src/testkit.js';
import { crypto as web } from '../src/web/index.js';

const privateKeyOptions = { unsafePortablePrivateKeys: true };

cryptoSuite({ describe, it }, node, { peers: [{ crypto: web }, { crypto: portable, privateKeyOptions }] });
cryptoSuite({ describe, it }, web, {
  encryptedKeys: false,
  peers: [{ crypto: portable, privateKeyOptions }],
});
cryptoSuite({ describe, it }, portable, { encryptedKeys: false, privateKeyOptions });
