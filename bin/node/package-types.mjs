// TypeScript's declarations of the npm package. The report's come from www/report.schema.json, which a test holds to the Rust types;
// the settings' names from src/profile.rs. A keyword or a name that is not known here stops the build: nothing is left untyped.

const KNOWN = new Set(['$schema', '$id', '$defs', 'title', 'description', 'type', 'properties', 'required', 'additionalProperties',
  'const', '$ref', 'items', 'enum', 'oneOf', 'prefixItems', 'minItems', 'maxItems',
  // What types can't say.
  'minimum', 'maximum', 'pattern', 'uniqueItems', 'minLength']);

/** The settings in TypeScript. */
const DEPTH = "'quick' | 'full' | 'watch'";
const SETTINGS = {
  server: 'string',
  'socket-path': 'string',
  'socket-query': 'string',
  profile: "Profile['application']",
  'health-path': 'string',
  'user-path': 'string',
  'help-path': 'string',
  credentials: "'same-origin' | 'include'",
  'request-headers': 'string | string[]',
  'response-headers': 'string | string[]',
  'storage-keys': 'string | string[]',
  namespace: 'string',
  'chat-page': 'string',
  'ws-url': 'string',
  'ws-protocols': 'string | string[]',
  'stream-url': 'string',
  'echo-event': 'string',
  'affinity-cookie': 'string',
  'grpc-url': 'string',
  ladder: 'boolean',
  'livekit-url': 'string',
  'livekit-token': 'string',
  'ice-servers': 'string | RTCIceServer[]',
  'webtransport-url': 'string',
  devices: 'string',
  seen: 'Seen[]',
  'report-url': 'string',
  'otlp-url': 'string',
  depth: DEPTH,
  autorun: 'boolean',
  only: "string | Profile['only']",
  lang: 'string',
};

/** `Report` and what it is made of. */
export function reportTypes(schema) {
  const named = Object.entries(schema.$defs).map(([name, part]) => declared(pascal(name), part));
  return [declared('Report', schema), ...named].join('\n');
}

function declared(name, part) {
  const type = typeOf(part);
  return `${comment(part)}export ${part.type === 'object' ? `interface ${name} ${type}` : `type ${name} = ${type};`}\n`;
}

function typeOf(part) {
  const strange = Object.keys(part).filter((key) => !KNOWN.has(key));
  if (strange.length) throw new Error(`package-types.mjs does not know the JSON Schema keyword ${strange.join(', ')}`);
  if (part.$ref) return pascal(part.$ref.replace('#/$defs/', ''));
  if ('const' in part) return JSON.stringify(part.const);
  if (part.enum) return part.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (part.oneOf) return part.oneOf.map(typeOf).join(' | ');
  if (Array.isArray(part.type)) return part.type.map((type) => typeOf({ ...part, type })).join(' | ');
  switch (part.type) {
    case 'string':
    case 'boolean':
    case 'null': return part.type;
    case 'integer':
    case 'number': return 'number';
    case 'array': return arrayOf(part);
    case 'object': return objectOf(part);
    default: throw new Error(`package-types.mjs knows no type for ${JSON.stringify(part).slice(0, 200)}`);
  }
}

function arrayOf({ prefixItems, items, minItems }) {
  if (prefixItems) return `[${prefixItems.map(typeOf).join(', ')}]`;
  const item = typeOf(items);
  if (minItems === 1) return `[${item}, ...(${item})[]]`;
  return /^[\w"]+$/.test(item) ? `${item}[]` : `(${item})[]`;
}

function objectOf({ properties = {}, required = [], additionalProperties }) {
  const members = Object.entries(properties).map(([name, part]) =>
    `${comment(part)}${/^\w+$/.test(name) ? name : `'${name}'`}${required.includes(name) ? '' : '?'}: ${typeOf(part)};`);
  if (additionalProperties && typeof additionalProperties === 'object') members.push(`[name: string]: ${typeOf(additionalProperties)};`);
  return `{\n${members.join('\n').replace(/^/gm, '  ')}\n}`;
}

function comment({ description }) {
  return description ? `/** ${description} */\n` : '';
}

function pascal(name) {
  return name.replace(/(?:^|[-_])(\w)/g, (_, letter) => letter.toUpperCase());
}

/** The names in SETTINGS of src/profile.rs; `config` says where the file is, and is the element's own. */
function settingsOf(profile) {
  const list = /pub const SETTINGS: \[&str; \d+\] = \[([^\]]*)\]/.exec(profile);
  if (!list) throw new Error('src/profile.rs has no SETTINGS that package-types.mjs can read');
  return [...list[1].matchAll(/"([^"]+)"/g)].map(([, name]) => name).filter((name) => name !== 'config');
}

/** What `diagnose()` and `run()` take. */
export function settingsType(profile) {
  const names = settingsOf(profile);
  const untyped = names.filter((name) => !SETTINGS[name]);
  if (untyped.length) throw new Error(`package-types.mjs has no type for the setting ${untyped.join(', ')}`);
  const members = names.map((name) => `  ${/^\w+$/.test(name) ? name : `'${name}'`}?: ${SETTINGS[name]};`);
  return `/** What the README says under Settings. */\nexport interface Settings {\n${members.join('\n')}\n}\n`;
}
