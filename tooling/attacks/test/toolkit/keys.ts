export { aliceKey, publicKeys, serverKey } from '../../src/keys.js';
