// Divides the program into what every run needs and parts that are fetched when they are: one WebAssembly module becomes several that
// share memory and table, as Emscripten's SPLIT_MODULE does it. Nothing in the Rust sources knows, but that it waits for a part
// before it goes there.
//
// A part is named by its doors: functions by a pattern of their names. What only they lead to moves with them, to each part that needs it. Nothing that stays
// calls what has moved but by a function pointer: through the table, where a door has its place, which is empty until the part
// is there, or leads to what a part has for that time (`until`). A function that something calls by name stays, so no list that somebody forgot can break a page.

/**
 * @param {string} source the module as wasm-dis writes it, with names
 * @param {{name: string, doors: RegExp, until?: RegExp}[]} parts
 * @param {string} release names the first export, so that a part of another release is refused with a LinkError
 * @returns {{main: string, parts: {name: string, text: string}[]}} `main` exports what the parts import, from module "m"
 */
export function split(source, parts, release) {
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
  const calls = new Map([...functions].map(([name, code]) => [name, named(code, functions)]));
  const elements = readElements(head);

  const partOf = new Map();
  for (const { name, doors } of parts) {
    for (const one of functions.keys()) if (doors.test(nameOf.get(one) ?? one) && !partOf.has(one)) partOf.set(one, name);
  }
  // What the page may reach without any part.
  const roots = [...head.matchAll(/^ \(export "[^"]*" \(func (\$\S+)\)\)/gm)].map(([, name]) => name)
    .concat(elements.map(({ name }) => name).filter((name) => !partOf.has(name)), /^ \(start (\$\S+)\)/m.exec(head)?.[1] ?? []);
  const stays = reach(roots, (name) => calls.get(name) ?? []);
  const reached = parts.map(({ name }) => ({
    name,
    functions: reach([...partOf.keys()].filter((door) => partOf.get(door) === name && !stays.has(door)), (one) => calls.get(one) ?? []),
  }));
  const moved = new Set(reached.flatMap(({ functions: of }) => [...of]).filter((one) => !stays.has(one)));

  const slots = new Map(elements.filter(({ name }) => moved.has(name)).map(({ name, slot }) => [name, slot]));
  const size = Number(/^ \(table (\$\S+) (\d+)/m.exec(head)[2]);
  const table = /^ \(table (\$\S+) /m.exec(head)[1];
  const main = [...functions].filter(([name]) => !moved.has(name)).map(([, code]) => code);
  // What two parts need is in both: it is little, and a page that wants neither does without it.
  const made = reached.map(({ name, functions: of }) => ({ name, bodies: [...functions].filter(([one]) => moved.has(one) && of.has(one)).map(([, code]) => code) }));

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
  const texts = made.map(({ name, bodies: own }) => {
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
      ...[...slots].filter(([one]) => partOf.get(one) === name).map(([one, slot]) => `(elem (table ${table}) (i32.const ${slot}) func ${one})`),
    ];
    return { name, lines, code };
  });
  const exports = [...exported].map(([key, as]) => ` (export "${as}" (${key}))\n`).join('');
  const placeholders = new Map(parts.filter(({ until }) => until).map(({ name, until }) => {
    const one = [...functions.keys()].find((as) => until.test(nameOf.get(as) ?? as));
    if (!one) throw new Error(`nothing is named ${until}: see PARTS in finish.mjs`);
    return [name, one];
  }));
  const until = (name) => {
    const one = placeholders.get(partOf.get(name));
    return one && signature(functions.get(one)) === signature(functions.get(name)) ? one : undefined;
  };
  const left = elements.map(({ name, slot }) => ({ slot, of: moved.has(name) ? until(name) : name })).filter(({ of }) => of)
    .map(({ slot, of }) => ` (elem (table ${table}) (i32.const ${slot}) func ${of})\n`).join('');
  const newHead = head
    .replace(/^ \(elem .*\n/gm, '')
    .replace(/^ \(table \$\S+ \d+ \d+ funcref\)\n/m, () => ` (table ${table} ${size} ${size} funcref)\n${left}${exports}`);
  return {
    main: `${newHead}${main.join('')})\n`,
    parts: texts.map(({ name, lines, code }) => ({ name, text: `(module\n${types}${lines.map((line) => ` ${line}\n`).join('')}${code})\n` })),
  };
}

function named(code, functions) {
  return new Set([...code.matchAll(/\((?:return_call|call|ref\.func) (\$[^\s)]+)/g)].map(([, name]) => name).filter((name) => functions.has(name)));
}

/** The parameters and results of a function, as its first line has them. */
function signature(code) {
  return [...code.slice(0, code.indexOf('\n')).matchAll(/\((param|result) (?:\$\S+ )?([^)]*)\)/g)].map(([, kind, type]) => `(${kind} ${type})`).join(' ');
}

function reach(from, next) {
  const all = new Set(from);
  for (const one of all) for (const other of next(one)) all.add(other);
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
