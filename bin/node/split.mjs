// Divides the program into what every run needs and parts that are fetched when they are: one WebAssembly module becomes several that
// share memory and table, as Emscripten's SPLIT_MODULE does it. Nothing in the Rust sources knows, but that it waits for a part
// before it goes there.
//
// A part is named by its doors: functions by a pattern of their names. What only they lead to moves with them, to each part that needs it: functions that they
// call or whose address they hold, and the constants that they read, with what those point at (linked.mjs). Nothing that stays calls what has moved but by a
// function pointer to a door: through the table, where its place is empty until the part is there, or leads to what a part has for that
// time (`until`). A function that something calls by name stays, so no list that somebody forgot can break a page.

/**
 * @param {string} source the module as wasm-dis writes it, with names
 * @param {{name: string, doors: RegExp, until?: RegExp}[]} parts
 * @param {string} release names the first export, so that a part of another release is refused with a LinkError
 * @param {{functions: Map<string, Held>, renamed: Held[], data: (Held & {start: number, end: number, constant: boolean})[]}} links as linked() gives them,
 *   by the names of `source`; `renamed` are those that have no name there. Held: {points: string[], data: number[]}
 * @returns {{main: string, parts: {name: string, text: string}[]}} `main` exports what the parts import, from module "m"
 */
export function split(source, parts, release, links) {
  // Names with blanks stand in quotes; short ones in their place make the text easy to take apart.
  const full = new Map();
  const text = source.replace(/\$"(?:[^"\\]|\\.)*"/g, (name) => {
    if (!full.has(name)) full.set(name, `$q${full.size}`);
    return full.get(name);
  });
  // Without the quotes: a pattern may say where a name ends.
  const nameOf = new Map([...full].map(([name, as]) => [as, name.slice(2, -1)]));
  const [head, ...bodies] = text.trimEnd().slice(0, -1).split(/^(?= \(func \$)/m);
  // What follows the last function, such as custom sections, wasm-dis writes as comments at the end.
  const functions = new Map(bodies.map((code) => [/^ \(func (\$\S+)/.exec(code)[1], code]));
  const elements = readElements(head);
  const leadsTo = leads(functions, links, (name) => full.get(`$"${name}"`) ?? `$${name}`);

  const partOf = new Map();
  for (const { name, doors } of parts) {
    for (const one of functions.keys()) if (doors.test(nameOf.get(one) ?? one) && !partOf.has(one)) partOf.set(one, name);
  }
  const placeholders = new Map(parts.filter(({ until }) => until).map(({ name, until }) => {
    const one = [...functions.keys()].find((as) => until.test(nameOf.get(as) ?? as));
    if (!one) throw new Error(`nothing is named ${until}: see PARTS in finish.mjs`);
    return [name, one];
  }));
  // What the page may reach without any part. A pointer to a door is no way to it: the sources wait for the part.
  const roots = [...head.matchAll(/^ \(export "[^"]*" \(func (\$\S+)\)\)/gm)].map(([, name]) => name).concat(/^ \(start (\$\S+)\)/m.exec(head)?.[1] ?? [],
    leadsTo.unnamed, ...placeholders.values());
  for (const shared of ofSeveral(partOf, leadsTo, roots)) partOf.delete(shared);
  const stays = reach(roots, leadsTo, (door) => partOf.has(door));
  for (const stayed of stays) partOf.delete(stayed);
  const reached = parts.map(({ name }) => ({ name, all: reachOf(name, partOf, leadsTo) }));
  const moved = new Set(reached.flatMap(({ all }) => [...all]).filter((one) => !stays.has(one)));
  const constants = new Set([...links.data.keys()].filter((piece) => links.data[piece].constant && !stays.has(piece)));

  const slots = elements.filter(({ name }) => moved.has(name));
  const size = Number(/^ \(table (\$\S+) (\d+)/m.exec(head)[2]);
  const table = /^ \(table (\$\S+) /m.exec(head)[1];
  const main = [...functions].filter(([name]) => stays.has(name)).map(([, code]) => code);
  // What two parts need is in both: it is little, and a page that wants neither does without it.
  const made = reached.map(({ name, all }) => ({ name, all, bodies: [...functions].filter(([one]) => moved.has(one) && all.has(one)).map(([, code]) => code) }));

  const globals = [...head.matchAll(/^ \(global (\$\S+) (\(mut \w+\)|\w+) /gm)].map(([, name, type]) => ({ name, type }));
  // That of the functions, and others, such as wasm-bindgen's of what JavaScript holds.
  const others = [...head.matchAll(/^ \(table (\$\S+) (.*)\)$/gm)].map(([, name, type]) => ({ name, type })).filter(({ name }) => name !== table);
  const memory = /^ \(memory (\$\S+) (.*)\)$/m.exec(head);
  const types = head.match(/^ \(type .*\n(?:  .*\n| \)\n)*/gm).join('');
  const imports = new Map([...head.matchAll(/^ \(import "[^"]*" "[^"]*" \(func (\$[^\s)]+) ?(.*)\)\)$/gm)].map(([, name, rest]) => [name, rest]));
  // By kind and name: a memory and a table may have one name.
  const exported = new Map();
  const short = (kind, name) => {
    const key = `${kind} ${name}`;
    if (!exported.has(key)) exported.set(key, exported.size ? `_${exported.size.toString(36)}` : `_${release}`);
    return exported.get(key);
  };
  const { bytes, start } = readConstants(head, links.data);
  const texts = made.map(({ name, all, bodies: own }) => {
    const code = own.join('');
    const uses = new Set([...code.matchAll(/\((?:return_)?call (\$\S+?)\)*(?=\s|$)/gm)].map(([, one]) => one));
    const asks = [...uses].filter((one) => !own.some((body) => body.startsWith(` (func ${one} `)));
    const lines = [
      `(import "m" "${short('memory', memory[1])}" (memory ${memory[1]} ${memory[2]}))`,
      `(import "m" "${short('table', table)}" (table ${table} ${size} funcref))`,
      ...others.filter(({ name: one }) => code.includes(`(table.get ${one}\n`) || code.includes(`(table.set ${one}\n`))
        .map((one) => `(import "m" "${short('table', one.name)}" (table ${one.name} ${one.type}))`),
      ...globals.map((one) => `(import "m" "${short('global', one.name)}" (global ${one.name} ${one.type}))`),
      ...asks.map((one) => `(import "m" "${short('func', one)}" (func ${one} ${imports.get(one) ?? signature(functions.get(one))}))`),
      ...slots.filter(({ name: one }) => all.has(one)).map(({ name: one, slot }) => `(elem (table ${table}) (i32.const ${slot}) func ${one})`),
      ...inOnePiece([...constants].filter((piece) => all.has(piece)).map((piece) => links.data[piece]))
        .map(({ start: from, end }) => `(data (memory ${memory[1]}) (i32.const ${from}) "${written(bytes.subarray(from - start, end - start))}")`),
    ];
    return { name, lines, code };
  });
  const exports = [...exported].map(([key, as]) => ` (export "${as}" (${key}))\n`).join('');
  const until = (name) => {
    const one = placeholders.get(partOf.get(name));
    return one && signature(functions.get(one)) === signature(functions.get(name)) ? one : undefined;
  };
  const left = elements.map(({ name, slot }) => ({ slot, of: moved.has(name) ? until(name) : name })).filter(({ of }) => of && (stays.has(of) || !functions.has(of)))
    .map(({ slot, of }) => ` (elem (table ${table}) (i32.const ${slot}) func ${of})\n`).join('');
  const kept = Uint8Array.from(bytes);
  for (const piece of constants) kept.fill(0, links.data[piece].start - start, links.data[piece].end - start);
  const newHead = head
    .replace(CONSTANTS, (whole, before, address) => `${before}${address}) "${written(kept)}")`)
    .replace(/^ \(elem .*\n/gm, '')
    .replace(/^ \(table \$\S+ \d+ \d+ funcref\)\n/m, () => ` (table ${table} ${size} ${size} funcref)\n${left}${exports}`);
  return {
    main: `${newHead}${main.join('')})\n`,
    parts: texts.map(({ name, lines, code }) => ({ name, text: `(module\n${types}${lines.map((line) => ` ${line}\n`).join('')}${code})\n` })),
  };
}

/**
 * Doors that more than one place outside of their part points at. The compiler makes one function of several that do the same, under the name of one of
 * them: what looks like a door may be what the whole program drops its values by.
 */
function ofSeveral(partOf, leadsTo, roots) {
  const places = new Map();
  for (const one of reach([...roots, ...partOf.keys()], leadsTo, () => false)) {
    for (const { pointer } of leadsTo(one)) if (partOf.has(pointer)) places.set(pointer, (places.get(pointer) ?? new Set()).add(one));
  }
  const inside = new Map([...new Set(partOf.values())].map((name) => [name, reachOf(name, partOf, leadsTo)]));
  return [...places].filter(([door, from]) => from.size > 1 && [...from].some((one) => !inside.get(partOf.get(door)).has(one))).map(([door]) => door);
}

/** What the doors of a part lead to, where no other part is. */
function reachOf(name, partOf, leadsTo) {
  return reach([...partOf.keys()].filter((door) => partOf.get(door) === name), leadsTo, (door) => partOf.has(door) && partOf.get(door) !== name);
}

/** From each function and each constant (by its number) to what it calls, and to what it holds the address of. */
function leads(functions, { functions: held, renamed, data }, as) {
  const pointed = (names) => names.map(as).filter((name) => functions.has(name)).map((name) => ({ pointer: name }));
  const ofData = data.map(({ points, data: others }) => [...pointed(points), ...others]);
  const ofFunctions = new Map([...functions].map(([name, code]) => [name, [...named(code, functions)]]));
  for (const [name, { points, data: own }] of held) {
    const code = functions.get(as(name));
    // Emptied since: it holds nothing any more.
    if (code && code.slice(code.indexOf('\n')) !== '\n  (unreachable)\n )\n') ofFunctions.get(as(name)).push(...pointed(points), ...own);
  }
  const leadsTo = (one) => (typeof one === 'number' ? ofData[one] : ofFunctions.get(one) ?? []);
  return Object.assign(leadsTo, { unnamed: renamed.flatMap(({ points, data: own }) => [...pointed(points), ...own]) });
}

const CONSTANTS = /^( \(data \$\.rodata \(i32\.const )(\d+)\) "((?:[^"\\]|\\.)*)"\)/m;

/** All constants stand in one segment, in the order of their addresses. What wasm-opt finds to be zero there, it does not write. */
function readConstants(head, data) {
  const [, , address, text] = CONSTANTS.exec(head) ?? [];
  const bytes = Buffer.from((text ?? '').replace(/\\(?:([0-9a-f]{2})|(.))|([^\\])/g, (_, hex, escaped, plain) => String.fromCharCode(hex ? parseInt(hex, 16) : ESCAPED[escaped] ?? (escaped ?? plain).charCodeAt())), 'latin1');
  const start = Number(address);
  if (data.some(({ constant, start: from, end }) => constant && !(from >= start && end <= start + bytes.length))) throw new Error('the constants are not in one segment: see split.mjs');
  return { bytes, start };
}

const ESCAPED = { t: 9, n: 10, r: 13 };

function written(bytes) {
  return [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
}

/** What stands side by side: a segment costs some bytes of its own. */
function inOnePiece(pieces) {
  const joined = [];
  for (const { start, end } of pieces) {
    const last = joined[joined.length - 1];
    if (last?.end === start) last.end = end;
    else joined.push({ start, end });
  }
  return joined;
}

function named(code, functions) {
  return new Set([...code.matchAll(/\((?:return_call|call|ref\.func) (\$[^\s)]+)/g)].map(([, name]) => name).filter((name) => functions.has(name)));
}

/** The parameters and results of a function, as its first line has them. */
function signature(code) {
  return [...code.slice(0, code.indexOf('\n')).matchAll(/\((param|result) (?:\$\S+ )?([^)]*)\)/g)].map(([, kind, type]) => `(${kind} ${type})`).join(' ');
}

/** All that `from` leads to, but what only a pointer to a door does. */
function reach(from, leadsTo, isDoor) {
  const all = new Set();
  const add = (other) => {
    if (other.pointer === undefined) all.add(other);
    else if (!isDoor(other.pointer)) all.add(other.pointer);
  };
  from.forEach(add);
  for (const one of all) leadsTo(one).forEach(add);
  return all;
}

function readElements(head) {
  const all = [];
  for (const [, offset, list] of head.matchAll(/^ \(elem \$\S+ (?:\(table \$\S+\) )?\(i32\.const (\d+)\) (?:func )?([^)]*)\)$/gm)) {
    list.trim().split(/\s+/).forEach((name, at) => all.push({ name, slot: Number(offset) + at }));
  }
  if (!all.length) throw new Error('the program has no table: see split.mjs');
  return all;
}
