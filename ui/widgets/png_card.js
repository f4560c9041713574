// PNG cards: whether a picture carries a character, told from the names of its text chunks without reading it all.

const SIGNATURE = 8; // bytes
const HEAD = 8; // length and kind of a chunk
const CHECKSUM = 4;
const MOST = 2000; // chunks
const TEXTS = ["tEXt", "zTXt", "iTXt"];
const CARDS = /^(chara|ccv3)\0/i;

/** @param {Blob} file */
export async function holdsCard(file) {
  let at = SIGNATURE;
  for (let chunks = 0; file.type === "image/png" && chunks < MOST && at + HEAD < file.size; chunks++) {
    const bytes = new Uint8Array(await file.slice(at, at + HEAD + 6).arrayBuffer());
    const length = new DataView(bytes.buffer).getUint32(0);
    const words = String.fromCharCode(...bytes.slice(4));
    if (TEXTS.includes(words.slice(0, 4)) && CARDS.test(words.slice(4))) return true;
    at += HEAD + length + CHECKSUM;
  }
  return false;
}
