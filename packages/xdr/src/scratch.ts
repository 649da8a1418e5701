/**
 * Eight bytes through which floats and bigints turn into 32-bit words and back. One for all readers and
 * writers, because creating a DataView of each buffer would cost more than coding a small struct.
 */
export const scratch = new DataView(new ArrayBuffer(8));
