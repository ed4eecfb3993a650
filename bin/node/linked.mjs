// What the linker knew of who uses what. rustc links with --emit-relocs (bin/build): each place in the code and in the data that holds the address
// of a function or of a piece of data is listed in the file that cargo leaves (WebAssembly tool conventions, Linking.md), before wasm-bindgen
// writes it anew. split.mjs needs it: in the finished module an address is a number like any other.

const [CODE, DATA] = [10, 11];
const TABLE_INDEX = new Set([1, 2]);
const MEMORY_ADDRESS = new Set([3, 4, 5]);
/** How an address stands in each kind of place. */
const WRITTEN = { 3: (from) => from.number(), 4: (from) => from.signed(), 5: (from) => from.word() };
/** Of a function's own module, of a type, of a global: what `call` and the like say by themselves. */
const OF_NO_ACCOUNT = new Set([0, 6, 7, 20]);
const WITH_ADDEND = new Set([3, 4, 5, 8, 9]);
const [SYMBOL_TABLE, FUNCTION, DATUM] = [8, 0, 1];

/**
 * @param {Uint8Array} wasm as the linker wrote it
 * @returns {{functions: Map<string, {points: string[], data: number[]}>, data: {start: number, end: number, constant: boolean, points: string[], data: number[]}[]}}
 *   by mangled names: which functions' addresses each function and each piece of constant data holds, and which pieces' addresses (their places in `data`)
 */
export function linked(wasm) {
  const sections = readSections(wasm);
  const section = (name) => sections.find((one) => one.name === name) ?? fail(`there is no section ${name}`);
  const names = readNames(wasm, section('name'));
  const bodies = readBodies(wasm, sections.find(({ id }) => id === CODE), imported(wasm, sections));
  const segments = readSegments(wasm, sections.find(({ id }) => id === DATA), names.segments);
  const symbols = readSymbols(wasm, section('linking'));
  const data = pieces(symbols, segments);

  const functions = new Map(bodies.map(({ index }) => [names.functions.get(index), { points: [], data: [] }]));
  const note = (into, { type, symbol, addend }, from) => {
    const { kind, index, segment, offset } = symbols[symbol] ?? fail(`no symbol ${symbol}`);
    if (TABLE_INDEX.has(type)) into.points.push(names.functions.get(index));
    else if (MEMORY_ADDRESS.has(type) && kind === DATUM && segment !== undefined) {
      const address = segments[segment].address + offset;
      if (WRITTEN[type](reader(wasm, from)) !== address + addend) fail('what stands where a relocation points is another address');
      const piece = at(data, address);
      if (piece !== undefined) into.data.push(piece);
    } else if (!OF_NO_ACCOUNT.has(type) && !MEMORY_ADDRESS.has(type)) fail(`a relocation of kind ${type}`);
  };
  const start = (id) => sections.find((one) => one.id === id).start;
  for (const { offset, ...one } of readRelocations(wasm, section('reloc.CODE'))) {
    const body = bodies[before(bodies, offset)];
    note(functions.get(names.functions.get(body.index)), one, start(CODE) + offset);
  }
  for (const { offset, ...one } of readRelocations(wasm, section('reloc.DATA'))) {
    const { address, start: first } = segments[before(segments, offset)];
    const piece = at(data, address + offset - first);
    if (piece !== undefined) note(data[piece], one, start(DATA) + offset);
  }
  return { functions, data };
}

/** The module without the linker's lists, which nothing that changes it keeps right. */
export function unlinked(wasm) {
  const sections = readSections(wasm);
  const kept = sections.filter(({ name }) => !/^(linking|reloc\.)/.test(name));
  return Buffer.concat([wasm.subarray(0, 8), ...kept.map(({ from, end }) => wasm.subarray(from, end))]);
}

/** What overlaps is one piece: the linker lays equal ends of texts over each other. */
function pieces(symbols, segments) {
  const all = symbols.filter(({ kind, segment, size }) => kind === DATUM && segment !== undefined && size)
    .map(({ segment, offset, size }) => ({ start: segments[segment].address + offset, end: segments[segment].address + offset + size, constant: segments[segment].constant }))
    .sort((one, other) => one.start - other.start);
  const data = [];
  for (const one of all) {
    const last = data[data.length - 1];
    if (last && one.start < last.end) last.end = Math.max(last.end, one.end);
    else data.push({ ...one, points: [], data: [] });
  }
  return data;
}

function at(data, address) {
  const place = before(data, address);
  return place >= 0 && address < data[place].end ? place : undefined;
}

/** The place of the last that begins at or before. */
function before(list, offset) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].start <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function readSections(wasm) {
  const sections = [];
  for (const from = reader(wasm, 8); from.at < wasm.length;) {
    const begin = from.at;
    const id = from.byte();
    const end = from.number() + from.at;
    const start = from.at;
    const name = id === 0 ? from.text() : '';
    sections.push({ id, name, from: begin, start, body: from.at, end });
    from.at = end;
  }
  return sections;
}

function imported(wasm, sections) {
  const from = reader(wasm, sections.find(({ id }) => id === 2).body);
  let count = 0;
  for (let left = from.number(); left; left -= 1) {
    from.text();
    from.text();
    const kind = from.byte();
    if (kind === 0) { from.number(); count += 1; } else if (kind === 1) { from.byte(); from.limits(); } else if (kind === 2) from.limits();
    else if (kind === 3) { from.byte(); from.byte(); } else fail(`an import of kind ${kind}`);
  }
  return count;
}

/** Offsets as relocations have them: from where the section's content begins. */
function readBodies(wasm, { body, start }, first) {
  const from = reader(wasm, body);
  return Array.from({ length: from.number() }, (_, n) => {
    const length = from.number();
    const one = { index: first + n, start: from.at - start };
    from.at += length;
    return one;
  });
}

function readSegments(wasm, { body, start }, names) {
  const from = reader(wasm, body);
  return Array.from({ length: from.number() }, (_, n) => {
    if (from.number() !== 0 || from.byte() !== 0x41) fail('a data segment without a fixed place');
    const address = from.signed();
    from.byte();
    const length = from.number();
    const one = { address, start: from.at - start, constant: names.get(n) === '.rodata' };
    from.at += length;
    return one;
  });
}

function readNames(wasm, { body, end }) {
  const [FUNCTIONS, SEGMENTS] = [1, 9];
  const [functions, segments] = [new Map(), new Map()];
  for (const from = reader(wasm, body); from.at < end;) {
    const kind = from.byte();
    const next = from.number() + from.at;
    const into = { [FUNCTIONS]: functions, [SEGMENTS]: segments }[kind];
    if (into) for (let left = from.number(); left; left -= 1) into.set(from.number(), from.text());
    from.at = next;
  }
  return { functions, segments };
}

function readSymbols(wasm, { body, end }) {
  const from = reader(wasm, body);
  from.number();
  const symbols = [];
  while (from.at < end) {
    const type = from.byte();
    const next = from.number() + from.at;
    if (type === SYMBOL_TABLE) for (let left = from.number(); left; left -= 1) symbols.push(readSymbol(from));
    from.at = next;
  }
  return symbols;
}

function readSymbol(from) {
  const [UNDEFINED, NAMED] = [0x10, 0x40];
  const kind = from.byte();
  const flags = from.number();
  if (kind === DATUM) {
    from.text();
    return flags & UNDEFINED ? { kind } : { kind, segment: from.number(), offset: from.number(), size: from.number() };
  }
  const index = from.number();
  if (kind !== 3 && (!(flags & UNDEFINED) || flags & NAMED)) from.text();
  return { kind, index };
}

function readRelocations(wasm, { body }) {
  const from = reader(wasm, body);
  from.number();
  return Array.from({ length: from.number() }, () => {
    const type = from.byte();
    const one = { type, offset: from.number(), symbol: from.number() };
    return WITH_ADDEND.has(type) ? { ...one, addend: from.signed() } : one;
  });
}

function reader(wasm, at) {
  return {
    at,
    byte() { return wasm[this.at++]; },
    number() {
      let [value, scale, byte] = [0, 1, 0];
      do {
        byte = this.byte();
        value += (byte & 127) * scale;
        scale *= 128;
      } while (byte & 128);
      return value;
    },
    signed() {
      let [value, shift, byte] = [0, 0, 0];
      do {
        byte = this.byte();
        value |= (byte & 127) << shift;
        shift += 7;
      } while (byte & 128);
      return shift < 32 && byte & 64 ? value | (-1 << shift) : value;
    },
    word() { return Buffer.from(wasm.buffer, wasm.byteOffset + this.at, 4).readUInt32LE(); },
    text() {
      const length = this.number();
      this.at += length;
      return Buffer.from(wasm.buffer, wasm.byteOffset + this.at - length, length).toString();
    },
    limits() { if (this.byte() & 1) this.number(); return this.number(); },
  };
}

function fail(what) {
  throw new Error(`the linked program has a shape that linked.mjs does not know: ${what}`);
}
