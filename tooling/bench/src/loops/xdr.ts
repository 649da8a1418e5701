import { decode, double, encode, encodeInto, enumeration, hyper, opaque, struct } from '@sealwire/xdr';
import * as jsXdr from '@stellar/js-xdr';
import { decodeByHand, encodeByHand } from './hand-written-codec.js';
import { cycling, type Loops } from './loop.js';
import { blobBytes, type Row, rows } from './row.js';
import { decodeTuned, encodeTuned } from './tuned-codec.js';

const ours = struct({
  kind: enumeration({ buy: 0, sell: 1 }),
  id: hyper,
  price: double,
  blob: opaque(blobBytes),
});

const Kind = jsXdr.enumType('Kind', { buy: 0, sell: 1 });
const theirs = jsXdr.struct('Row', {
  kind: Kind,
  id: jsXdr.int64(),
  price: jsXdr.double(),
  blob: jsXdr.opaque(blobBytes),
});
/** js-xdr has numbers for the members of an enum. */
const theirRow = (row: Row) => ({ ...row, kind: Kind[row.kind] });

/** What is compared must do the same. */
export function encodings(row: Row): { readonly ours: Uint8Array; readonly theirs: Uint8Array } {
  return { ours: encode(ours, row), theirs: theirs.encode(theirRow(row)) };
}

const theirRows = rows.map(theirRow);
const encoded = rows.map((row) => encode(ours, row));
const target = new Uint8Array(256);
const sum = ({ id, price, blob }: Pick<Row, 'id' | 'price' | 'blob'>) =>
  Number(id & 1n) + price + blob.length;

export const loops: Loops = {
  encode: { run: cycling(rows, (row) => encodeInto(ours, row, target)) },
  decode: { run: cycling(encoded, (bytes) => sum(decode(ours, bytes, { copy: false }))) },
  jsXdrEncode: { run: cycling(theirRows, (row) => theirs.encode(row).length) },
  jsXdrDecode: { run: cycling(encoded, (bytes) => sum(theirs.decode(bytes))) },
  handEncode: { run: cycling(rows, (row) => encodeByHand(row, target)) },
  handDecode: { run: cycling(encoded, (bytes) => sum(decodeByHand(bytes))) },
  tunedEncode: { run: cycling(rows, (row) => encodeTuned(row, target)) },
  tunedDecode: { run: cycling(encoded, (bytes) => sum(decodeTuned(bytes))) },
};
